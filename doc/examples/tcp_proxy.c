/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * tcp_proxy.c - accept connections and relay each of them to a backend
 *
 *     cc tcp_proxy.c $(pkg-config --cflags --libs waitgroup) -pthread -o tcp_proxy
 *     ./tcp_proxy 8080 example.org 80
 *     ./tcp_proxy -t 5 8080 example.org 80
 *
 * It listens on the loopback address only, at any free port if the port is 0, and says
 * where.  If the backend cannot be reached, the client's connection is closed.
 *
 * The end of one direction is passed on (a half-close), and the other direction goes on
 * until it ends as well.  An error in one direction, such as a reset, ends both; the two
 * peers see the end of the connection then, not the kind of the error.
 *
 * On SIGINT or SIGTERM it says how many connections are in flight, and lets them come to
 * their end.  It gives them 30 seconds, or as many as -t says; then it ends without them.
 * Meanwhile it goes on to accept connections, and closes these at once: a client that comes
 * late is told, and is counted.  In the end it prints how many it has served, has refused,
 * and has left.  A second signal ends it at once.
 *
 * Exit status: 0, 1 after an error or without all connections, 2 if called in a wrong way.
 *
 * What it shows: two groups with different lives.
 *
 *   - One for each connection, on the stack of the connection's thread, waits for the two
 *     directions.  Both threads use both sockets, so these must not be closed before.  As
 *     soon as wg_wait() has returned, the group is gone with its stack frame; the last
 *     wg_done() need not have returned.
 *   - One for the process counts the connections in flight.  It rises and falls, to 0 as
 *     well, while the proxy runs.  At the end it is closed, by another thread than the one
 *     that accepts connections, and then waited for, but not for ever.  From the close on
 *     wg_go() refuses: no connection comes in behind the back of the wait, whichever moment
 *     it comes at, and so a flag or a lock for this is not needed.
 *
 * The threads themselves are left to wg_go().
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#include <waitgroup.h>

#define BUFFER_SIZE 65536

/* How long to wait until resources may be available again. */
#define PAUSE_MILLISECONDS 50

#define DEFAULT_DRAIN_SECONDS 30

struct proxy {
    const struct addrinfo *backend; /* constant while connections are in flight */
    wg_t in_flight;                 /* the connections that have not come to their end */
    int drain_seconds;              /* how long to wait for them when it is stopped */

    pthread_mutex_t lock;
    unsigned long served;  /* owned by the lock */
    unsigned long refused; /* by the thread that accepts connections */
};

/* A message on standard error: what could not be done, and why. */
static void complain(const char *what, const char *why)
{
    fprintf(stderr, "tcp_proxy: %s: %s\n", what, why);
}

/*
 * One direction of a connection.
 */

struct direction {
    int from;
    int to;
};

static bool send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        /* The peer may be gone; that is an error here, not a reason for SIGPIPE. */
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n >= 0) {
            data += n;
            size -= (size_t)n;
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/* Copy to the end; false if there was an error first. */
static bool copy(int from, int to)
{
    char buffer[BUFFER_SIZE];
    for (;;) {
        ssize_t n = recv(from, buffer, sizeof buffer, 0);
        if (n == 0)
            return true;
        if (n > 0) {
            if (!send_all(to, buffer, (size_t)n))
                return false;
        } else if (errno != EINTR) {
            return false;
        }
    }
}

static void run_direction(void *argument)
{
    struct direction *direction = argument;
    if (copy(direction->from, direction->to)) {
        shutdown(direction->to, SHUT_WR);
    } else {
        /* Wakes the thread of the other direction, in whichever call it is. */
        shutdown(direction->from, SHUT_RDWR);
        shutdown(direction->to, SHUT_RDWR);
    }
}

/* Copy both ways until both have ended; false if that could not be begun. */
static bool relay(int client, int backend)
{
    wg_t directions = WG_INITIALIZER;
    struct direction request = {client, backend};
    struct direction response = {backend, client};

    int error = wg_go(&directions, run_direction, &request);
    if (error == 0)
        error = wg_go(&directions, run_direction, &response);
    if (error != 0) {
        complain("cannot start a thread", strerror(error));
        shutdown(client, SHUT_RDWR);
        shutdown(backend, SHUT_RDWR);
    }
    wg_wait(&directions);
    return error == 0;
}

/*
 * One connection.
 */

struct connection {
    struct proxy *proxy;
    int client;
};

/* Returns 0 or an error number. */
static int connect_fully(int fd, const struct addrinfo *address)
{
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return 0;
    if (errno != EINTR)
        return errno;

    /* Interrupted, it goes on in the background, and must not be called again. */
    struct pollfd writable = {.fd = fd, .events = POLLOUT};
    while (poll(&writable, 1, -1) < 0)
        if (errno != EINTR)
            return errno;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

/* Try the backend's addresses in turn.  Returns a socket, or -1 after a complaint. */
static int connect_to_backend(const struct addrinfo *address)
{
    int error = 0;
    for (; address != NULL; address = address->ai_next) {
        int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
        if (fd < 0) {
            error = errno;
            continue;
        }
        error = connect_fully(fd, address);
        if (error == 0)
            return fd;
        close(fd);
    }
    complain("cannot connect to the backend", strerror(error));
    return -1;
}

static void run_connection(void *argument)
{
    struct connection *connection = argument;
    struct proxy *proxy = connection->proxy;
    int client = connection->client;
    free(connection);

    int backend = connect_to_backend(proxy->backend);
    if (backend >= 0) {
        bool served = relay(client, backend);
        close(backend);
        pthread_mutex_lock(&proxy->lock);
        proxy->served += served;
        pthread_mutex_unlock(&proxy->lock);
    }
    close(client);
}

/* Serve a client, whose socket is the connection's from now on. */
static void start_connection(struct proxy *proxy, int client)
{
    int error = ENOMEM;
    struct connection *connection = malloc(sizeof *connection);
    if (connection != NULL) {
        *connection = (struct connection){proxy, client};
        error = wg_go(&proxy->in_flight, run_connection, connection);
        if (error == 0)
            return;
        free(connection);
    }
    if (error == ECANCELED)
        proxy->refused++;
    else
        complain("cannot serve a connection", strerror(error));
    close(client);
}

/*
 * The end, which a signal begins.
 *
 * The signals are blocked in all threads; one thread waits for them, closes the proxy and
 * waits for the connections in flight, and then wakes the one that accepts through a pipe.
 * So there is no signal handler, nothing is ever interrupted, and a signal that comes at a
 * bad moment is not missed.
 */

struct stopper {
    struct proxy *proxy;
    sigset_t signals;
    int wake[2]; /* a pipe: readable once the wait for the connections is over */
    pthread_t thread;
    bool drained; /* the thread's until joined: all connections have come to their end */
};

static void *stop(void *argument)
{
    struct stopper *stopper = argument;
    struct proxy *proxy = stopper->proxy;
    int number;
    sigwait(&stopper->signals, &number);
    /* From now on they have their usual effect in this thread, which is enough. */
    pthread_sigmask(SIG_UNBLOCK, &stopper->signals, NULL);

    wg_close(&proxy->in_flight);
    printf("stopping; connections in flight: %d\n", wg_count(&proxy->in_flight));
    fflush(stdout);
    /* A duration, as nobody needs the deadline but this wait.  To add it up for
     * wg_clockwait() would take a call of clock_gettime(), and care that the sum does
     * not overflow. */
    struct timespec patience = {.tv_sec = proxy->drain_seconds};
    stopper->drained = wg_reltimedwait(&proxy->in_flight, &patience) == 0;

    while (write(stopper->wake[1], "", 1) < 0 && errno == EINTR)
        continue;
    return NULL;
}

/* Before any other thread is started, as threads inherit the signal mask.  Returns 0 or an
 * error number. */
static int stopper_start(struct stopper *stopper)
{
    if (pipe(stopper->wake) != 0)
        return errno;
    sigemptyset(&stopper->signals);
    sigaddset(&stopper->signals, SIGINT);
    sigaddset(&stopper->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stopper->signals, NULL);

    int error = pthread_create(&stopper->thread, NULL, stop, stopper);
    if (error != 0) {
        close(stopper->wake[0]);
        close(stopper->wake[1]);
    }
    return error;
}

/* Returns whether all connections have come to their end. */
static bool stopper_join(struct stopper *stopper)
{
    pthread_join(stopper->thread, NULL);
    close(stopper->wake[0]);
    close(stopper->wake[1]);
    return stopper->drained;
}

/*
 * Accepting connections until the end.
 */

/* Wait until a connection can be accepted, or the pause is over; false if woken. */
static bool await_connection(int listener, int wake, bool exhausted)
{
    struct pollfd fds[] = {{.fd = wake, .events = POLLIN},
                           {.fd = exhausted ? -1 : listener, .events = POLLIN}};
    while (poll(fds, 2, exhausted ? PAUSE_MILLISECONDS : -1) < 0)
        if (errno != EINTR)
            break; /* out of memory: accept() will tell, or succeed */
    return fds[0].revents == 0;
}

/* Some systems let the accepted socket inherit the listener's mode. */
static void make_blocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

/* Returns 0 when woken, or an error number. */
static int accept_connections(struct proxy *proxy, int listener, int wake)
{
    bool exhausted = false;
    while (await_connection(listener, wake, exhausted)) {
        exhausted = false;
        int client = accept(listener, NULL, NULL);
        if (client >= 0) {
            make_blocking(client);
            start_connection(proxy, client);
            continue;
        }
        switch (errno) {
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            /* The connection stays in the queue, and the listener readable.  Connections in
             * flight will end; meanwhile there is no point in trying all the time. */
            exhausted = true;
            break;
        case EBADF:
        case EFAULT:
        case EINVAL:
        case ENOTSOCK:
        case EOPNOTSUPP:
            return errno;
        default:
            /* This connection has failed already, or there was none yet. */
            break;
        }
    }
    return 0;
}

/*
 * The program.
 */

/* Listen on the loopback address.  Returns a socket, or -1 after a complaint. */
static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;

    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        complain("cannot listen", strerror(errno));
        return -1;
    }
    /* Non-blocking, since a connection can be gone between poll() and accept().  The
     * address may be in use by connections of the last run, which does no harm. */
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        complain("cannot listen", strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

static void announce(int listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
        complain("cannot tell the port", strerror(errno));
        return;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

/* Serve until stopped.  Returns the exit status. */
static int serve(struct proxy *proxy, int listener)
{
    struct stopper stopper = {.proxy = proxy};
    int error = stopper_start(&stopper);
    if (error != 0) {
        complain("cannot wait for signals", strerror(error));
        close(listener);
        return 1;
    }

    /* Whoever reads this may send a signal at once, so the signals are blocked by now. */
    announce(listener);
    error = accept_connections(proxy, listener, stopper.wake[0]);
    if (error != 0) {
        complain("cannot accept connections", strerror(error));
        kill(getpid(), SIGTERM); /* then this is the end */
    }
    bool drained = stopper_join(&stopper);
    close(listener);

    pthread_mutex_lock(&proxy->lock);
    unsigned long served = proxy->served;
    pthread_mutex_unlock(&proxy->lock);
    printf("connections served: %lu, refused: %lu, left: %d\n", served, proxy->refused,
           drained ? 0 : wg_count(&proxy->in_flight));
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (!written)
        fprintf(stderr, "tcp_proxy: cannot write to standard output\n");
    if (!drained) {
        /* The threads of those that are left go on, and use what this one has on its stack:
         * there is no way out of here but the end of the process. */
        fprintf(stderr, "tcp_proxy: not all connections have ended in %d seconds\n",
                proxy->drain_seconds);
        exit(1);
    }
    return error != 0 || !written;
}

/* A number in 0..most; -1 if it is none. */
static int parse_number(const char *text, int most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 0 || value > most)
        return -1;
    return (int)value;
}

struct arguments {
    int drain_seconds;
    int listen_port;
    const char *backend_host;
    const char *backend_port;
};

static bool parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    int option;
    arguments->drain_seconds = DEFAULT_DRAIN_SECONDS;
    while ((option = getopt(argc, argv, "t:")) == 't')
        arguments->drain_seconds = parse_number(optarg, INT_MAX);
    if (option != -1 || arguments->drain_seconds < 0 || argc - optind != 3)
        return false;
    arguments->listen_port = parse_number(argv[optind], UINT16_MAX);
    arguments->backend_host = argv[optind + 1];
    arguments->backend_port = argv[optind + 2];
    return arguments->listen_port >= 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    if (!parse_arguments(argc, argv, &arguments)) {
        fprintf(stderr,
                "usage: tcp_proxy [-t seconds] listen-port backend-host backend-port\n");
        return 2;
    }

    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *backend;
    int error =
        getaddrinfo(arguments.backend_host, arguments.backend_port, &hints, &backend);
    if (error != 0) {
        complain(arguments.backend_host, gai_strerror(error));
        return 1;
    }

    int listener = listen_on((uint16_t)arguments.listen_port);
    int status = 1;
    if (listener >= 0) {
        struct proxy proxy = {
            .backend = backend,
            .in_flight = WG_INITIALIZER,
            .drain_seconds = arguments.drain_seconds,
            .lock = PTHREAD_MUTEX_INITIALIZER,
        };
        status = serve(&proxy, listener);
    }
    freeaddrinfo(backend);
    return status;
}
