/* SPDX-License-Identifier: MIT
 * Copyright (C) 2026 The libwaitgroup authors */

/*
 * test_tcp_proxy.c - the example tcp_proxy, as a process of its own, over loopback
 *
 * The environment variable TCP_PROXY names the program.  This process plays the clients and
 * the backend: connect_pair() returns both ends of a relayed connection, and flows move
 * pseudo-random data from one end to the other, with a thread at each end.  TCP_PROXY_SEED
 * chooses the data of an earlier run.
 *
 * What threads work with is static, so that it is still there if a test fails; tear_down()
 * ends the proxy, whereupon they end as well.
 */
#include <config.h>

#ifndef HAVE_SYS_SOCKET_H

#    include <stdio.h>

int main(void)
{
    puts("1..0 # SKIP there are no POSIX sockets");
}

#else

#    include <arpa/inet.h>
#    include <errno.h>
#    include <fcntl.h>
#    include <netinet/in.h>
#    include <pthread.h>
#    include <setjmp.h>
#    include <signal.h>
#    include <stdarg.h>
#    include <stdbool.h>
#    include <stddef.h>
#    include <stdint.h>
#    include <stdio.h>
#    include <stdlib.h>
#    include <string.h>
#    include <sys/prctl.h>
#    include <sys/resource.h>
#    include <sys/socket.h>
#    include <sys/wait.h>
#    include <time.h>
#    include <unistd.h>

#    include <cmocka.h>

#    define MEGABYTE ((size_t)1 << 20)
#    define ENDLESS SIZE_MAX
#    define MANY 50
#    define CHUNK 50000

/*
 * Sockets.
 */

static int sockets[8 * MANY];
static size_t socket_count;

/* tear_down() will close it. */
static int keep(int fd)
{
    assert_true(fd >= 0);
    assert_true(socket_count < sizeof sockets / sizeof sockets[0]);
    return sockets[socket_count++] = fd;
}

static void close_now(int fd)
{
    for (size_t i = 0; i < socket_count; i++)
        if (sockets[i] == fd)
            sockets[i] = sockets[--socket_count];
    close(fd);
}

/* What is queued to be sent is thrown away, and the peer gets an RST instead of an end. */
static void reset_on_close(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void assert_byte_passes(int from, int to)
{
    char byte = 0;
    assert_int_equal(send(from, "x", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(to, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
}

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* The end of the connection, in an orderly way or by a reset; data would be a failure. */
static void assert_ended(int fd)
{
    char byte;
    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

/*
 * The proxy.
 */

static pid_t proxy_pid; /* 0 if there is none */
static int proxy_output;
static uint16_t proxy_port;
static const char *drain_seconds; /* how long it waits for connections when it is stopped */
static int backend;               /* bound; listens if the test wants it to */
static uint16_t backend_port;

/* Runs between fork() and exec().  A proxy does not outlive the test, however that ends. */
static void exec_proxy(const char *path, const char *listen_port, const char *target,
                       int output, rlim_t max_files)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    if (max_files != 0) {
        /* Whatever this process has inherited would count. */
        for (int fd = STDERR_FILENO + 1; fd < 256; fd++)
            close(fd);
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = max_files;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    execl(path, path, "-t", drain_seconds, listen_port, "127.0.0.1", target, (char *)NULL);
    _exit(127);
}

/* Returns what the proxy writes until it ends, or its first line. */
static const char *read_output(int fd, bool line)
{
    static char text[256];
    size_t length = 0;
    while (length < sizeof text - 1 && read(fd, text + length, 1) == 1)
        if (text[length++] == '\n' && line)
            break;
    text[length] = '\0';
    return text;
}

static pid_t spawn_proxy(uint16_t port, rlim_t max_files, int *output)
{
    const char *path = getenv("TCP_PROXY");
    char listen_port[16], target[16];
    int fds[2];
    snprintf(listen_port, sizeof listen_port, "%u", (unsigned)port);
    snprintf(target, sizeof target, "%u", (unsigned)backend_port);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0)
        exec_proxy(path != NULL ? path : "doc/examples/tcp_proxy", listen_port, target,
                   fds[1], max_files);
    close(fds[1]);
    *output = keep(fds[0]);
    assert_true(pid > 0);
    return pid;
}

/* max_files: its limit on open files, 0 for the usual one. */
static void start_proxy(rlim_t max_files)
{
    unsigned port = 0;
    proxy_pid = spawn_proxy(0, max_files, &proxy_output);
    assert_int_equal(
        sscanf(read_output(proxy_output, true), "listening on 127.0.0.1:%u\n", &port), 1);
    assert_true(port >= 1 && port <= UINT16_MAX);
    proxy_port = (uint16_t)port;
}

/* Wait for the end of the proxy; returns its status as of waitpid(). */
static int reap_proxy(void)
{
    int status;
    assert_int_equal(waitpid(proxy_pid, &status, 0), proxy_pid);
    proxy_pid = 0;
    return status;
}

static void assert_running(void)
{
    siginfo_t info = {.si_pid = 0};
    assert_int_equal(waitid(P_PID, (id_t)proxy_pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    assert_int_equal(info.si_pid, 0);
}

/* Tell it to end.  Connections that come from now on are late.  Returns how many it says
 * are in flight. */
static int stop_proxy(int signal_number)
{
    int in_flight = -1;
    assert_int_equal(kill(proxy_pid, signal_number), 0);
    assert_int_equal(sscanf(read_output(proxy_output, true),
                            "stopping; connections in flight: %d\n", &in_flight),
                     1);
    return in_flight;
}

/* After stop_proxy(). */
static void assert_ends(int exit_status, int served, int refused, int left)
{
    char expected[64];
    snprintf(expected, sizeof expected, "connections served: %d, refused: %d, left: %d\n",
             served, refused, left);
    int status = reap_proxy();
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), exit_status);
    assert_string_equal(read_output(proxy_output, false), expected);
}

static int connect_client(void)
{
    struct sockaddr_in address = loopback(proxy_port);
    int fd = keep(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int accept_server(void)
{
    /* cppcheck-suppress nullPointer ; POSIX allows it: nobody asks for the address */
    return keep(accept4(backend, NULL, NULL, SOCK_CLOEXEC));
}

struct pair {
    int client; /* the client's end */
    int server; /* the backend's end */
};

/* With no other connection under way. */
static struct pair connect_pair(void)
{
    struct pair pair;
    pair.client = connect_client();
    pair.server = accept_server();
    return pair;
}

/* Several connections at once reach the backend in any order; the first byte
 * tells which. */
static void connect_pairs(struct pair *pairs, unsigned char count)
{
    for (unsigned char i = 0; i < count; i++) {
        pairs[i].client = connect_client();
        assert_int_equal(send(pairs[i].client, &i, 1, MSG_NOSIGNAL), 1);
    }
    for (unsigned char i = 0; i < count; i++) {
        unsigned char number;
        int server = accept_server();
        assert_int_equal(recv(server, &number, 1, 0), 1);
        assert_true(number < count);
        pairs[number].server = server;
    }
}

/*
 * Flows of data.
 */

enum ending { HALF_CLOSE, RESET };

struct flow {
    int from, to;
    uint64_t seed;
    size_t length;
    enum ending ending;
    pthread_t sender, receiver;
    bool is_sending, is_receiving; /* the thread has not been joined */

    /* The sender's until joined. */
    int send_error; /* 0 or an error number */

    /* The receiver's until joined. */
    size_t received;
    int receive_error; /* 0 if the end was an orderly one */
    bool intact;       /* what was received is what was sent */
};

static struct flow flows[4 * MANY];
static size_t flow_count;
static uint64_t seed;

/* The n bytes from the offset on of the data of the seed, by splitmix64. */
static void generate(uint64_t data_seed, size_t offset, unsigned char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t z = data_seed + ((offset + i) / 8 + 1) * UINT64_C(0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        z ^= z >> 31;
        data[i] = (unsigned char)(z >> (offset + i) % 8 * 8);
    }
}

static void *run_sender(void *argument)
{
    struct flow *flow = argument;
    unsigned char data[CHUNK];
    size_t sent = 0;
    while (sent < flow->length) {
        size_t n = flow->length - sent < CHUNK ? flow->length - sent : CHUNK;
        generate(flow->seed, sent, data, n);
        /* cppcheck-suppress knownConditionTrueFalse ; it takes n for 0 */
        for (size_t done = 0; done < n;) {
            ssize_t written = send(flow->from, data + done, n - done, MSG_NOSIGNAL);
            if (written < 0) {
                flow->send_error = errno;
                return NULL;
            }
            done += (size_t)written;
        }
        sent += n;
    }
    if (flow->ending == HALF_CLOSE)
        shutdown(flow->from, SHUT_WR);
    return NULL;
}

static void *run_receiver(void *argument)
{
    struct flow *flow = argument;
    unsigned char data[CHUNK], expected[CHUNK];
    ssize_t n;
    flow->intact = true;
    while ((n = recv(flow->to, data, sizeof data, 0)) > 0) {
        generate(flow->seed, flow->received, expected, (size_t)n);
        if (memcmp(data, expected, (size_t)n) != 0)
            flow->intact = false;
        flow->received += (size_t)n;
    }
    flow->receive_error = n < 0 ? errno : 0;
    return NULL;
}

static struct flow *new_flow(int from, int to, size_t length, enum ending ending)
{
    assert_true(flow_count < sizeof flows / sizeof flows[0]);
    struct flow *flow = &flows[flow_count];
    *flow = (struct flow){
        .from = from,
        .to = to,
        .seed = seed + flow_count * UINT64_C(0xD1342543DE82EF95),
        .length = length,
        .ending = ending,
    };
    flow_count++;
    return flow;
}

static void start_sender(struct flow *flow)
{
    assert_int_equal(pthread_create(&flow->sender, NULL, run_sender, flow), 0);
    flow->is_sending = true;
}

static void start_receiver(struct flow *flow)
{
    assert_int_equal(pthread_create(&flow->receiver, NULL, run_receiver, flow), 0);
    flow->is_receiving = true;
}

static void join_flow(struct flow *flow)
{
    if (flow->is_sending)
        pthread_join(flow->sender, NULL);
    if (flow->is_receiving)
        pthread_join(flow->receiver, NULL);
    flow->is_sending = flow->is_receiving = false;
}

/* Start to send so many bytes, and an orderly end, from one end to the other. */
static struct flow *start_flow(int from, int to, size_t length)
{
    struct flow *flow = new_flow(from, to, length, HALF_CLOSE);
    start_receiver(flow);
    start_sender(flow);
    return flow;
}

static void assert_complete(struct flow *flow)
{
    join_flow(flow);
    assert_int_equal(flow->send_error, 0);
    assert_int_equal(flow->receive_error, 0);
    assert_true(flow->intact);
    assert_true(flow->received == flow->length);
}

/* Everything arrives in both directions, to the end. */
static void assert_relays(struct pair pair, size_t request, size_t response)
{
    struct flow *up = start_flow(pair.client, pair.server, request);
    struct flow *down = start_flow(pair.server, pair.client, response);
    assert_complete(up);
    assert_complete(down);
}

/*
 * Set-up.
 */

static int set_up(void **state)
{
    (void)state;
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    backend = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (backend < 0 || bind(backend, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(backend, (struct sockaddr *)&address, &size) != 0)
        return -1;
    sockets[socket_count++] = backend;
    drain_seconds = "600"; /* as good as for ever: the alarm comes first */
    backend_port = ntohs(address.sin_port);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (proxy_pid != 0) {
        kill(proxy_pid, SIGKILL);
        waitpid(proxy_pid, NULL, 0);
        proxy_pid = 0;
    }
    /* Wakes the threads, should a failed test have left any. */
    for (size_t i = 0; i < socket_count; i++)
        shutdown(sockets[i], SHUT_RDWR);
    for (size_t i = 0; i < flow_count; i++)
        join_flow(&flows[i]);
    for (size_t i = 0; i < socket_count; i++)
        close(sockets[i]);
    socket_count = 0;
    flow_count = 0;
    return 0;
}

static void start_backend_and_proxy(void)
{
    assert_int_equal(listen(backend, SOMAXCONN), 0);
    start_proxy(0);
}

/* It does not listen any longer, but keeps its port, lest another socket gets it. */
static void shut_backend(void)
{
    assert_int_equal(shutdown(backend, SHUT_RDWR), 0);
}

/*
 * The tests.
 */

static void test_both_directions_at_once(void **state)
{
    (void)state;
    start_backend_and_proxy();
    assert_relays(connect_pair(), 16 * MEGABYTE, 16 * MEGABYTE + 1);
}

static void test_half_close_by_client(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_complete(start_flow(pair.client, pair.server, 2 * MEGABYTE));
    assert_complete(start_flow(pair.server, pair.client, 3 * MEGABYTE));
}

static void test_half_close_by_backend(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_complete(start_flow(pair.server, pair.client, 2 * MEGABYTE));
    assert_complete(start_flow(pair.client, pair.server, 3 * MEGABYTE));
}

static void test_ends_without_data(void **state)
{
    (void)state;
    start_backend_and_proxy();
    assert_relays(connect_pair(), 0, 0);
}

/* The one that does not expect it waits for data. */
static void assert_reset_while_idle(int resetting, int waiting)
{
    reset_on_close(resetting);
    close_now(resetting);
    assert_ended(waiting);
}

/* The one that does not expect it is sending.  After a half-close by the other one, the
 * reset is one that raises SIGPIPE. */
static void assert_reset_by_receiver(int resetting, int sending, bool half_closed)
{
    if (half_closed) {
        shutdown(resetting, SHUT_WR);
        assert_ended(sending);
    }
    struct flow *flow = new_flow(sending, resetting, ENDLESS, HALF_CLOSE);
    unsigned char data[CHUNK];
    size_t received = 0;
    start_sender(flow);
    while (received < MEGABYTE) {
        ssize_t n = recv(resetting, data, sizeof data, 0);
        assert_true(n > 0);
        received += (size_t)n;
    }
    reset_on_close(resetting);
    close_now(resetting);
    join_flow(flow);
    assert_true(flow->send_error == EPIPE || flow->send_error == ECONNRESET);
    assert_ended(sending);
}

/* The one that does not expect it is receiving. */
static void assert_reset_by_sender(int resetting, int receiving)
{
    struct flow *flow = new_flow(resetting, receiving, 4 * MEGABYTE, RESET);
    start_receiver(flow);
    run_sender(flow);
    reset_on_close(resetting);
    close_now(resetting);
    join_flow(flow);
    assert_int_equal(flow->send_error, 0);
    assert_true(flow->intact);
    assert_true(flow->received <= flow->length);
}

static void test_resets_by_client(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_reset_while_idle(pair.client, pair.server);
    pair = connect_pair();
    assert_reset_by_receiver(pair.client, pair.server, false);
    pair = connect_pair();
    assert_reset_by_receiver(pair.client, pair.server, true);
    pair = connect_pair();
    assert_reset_by_sender(pair.client, pair.server);
    assert_relays(connect_pair(), MEGABYTE, MEGABYTE);
}

static void test_resets_by_backend(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_reset_while_idle(pair.server, pair.client);
    pair = connect_pair();
    assert_reset_by_receiver(pair.server, pair.client, false);
    pair = connect_pair();
    assert_reset_by_receiver(pair.server, pair.client, true);
    pair = connect_pair();
    assert_reset_by_sender(pair.server, pair.client);
    assert_relays(connect_pair(), MEGABYTE, MEGABYTE);
}

/* A reset of one connection is no concern of another one. */
static void test_reset_beside_transfer(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    struct flow *up = start_flow(pair.client, pair.server, 8 * MEGABYTE);
    struct flow *down = start_flow(pair.server, pair.client, 8 * MEGABYTE);
    struct pair other = connect_pair();
    assert_reset_by_receiver(other.client, other.server, false);
    other = connect_pair();
    assert_reset_by_receiver(other.server, other.client, false);
    assert_complete(up);
    assert_complete(down);
}

static void test_many_connections(void **state)
{
    (void)state;
    struct pair pairs[MANY];
    struct flow *started[2 * MANY];
    start_backend_and_proxy();
    connect_pairs(pairs, MANY);
    for (size_t i = 0; i < MANY; i++) {
        size_t length = MEGABYTE / 4 + i * 1000;
        started[2 * i] = start_flow(pairs[i].client, pairs[i].server, length);
        started[2 * i + 1] = start_flow(pairs[i].server, pairs[i].client, 2 * length);
    }
    for (size_t i = 0; i < (size_t)2 * MANY; i++)
        assert_complete(started[i]);

    stop_proxy(SIGTERM);
    assert_ends(0, MANY, 0, 0);
}

static void test_backend_unreachable(void **state)
{
    (void)state;
    start_proxy(0);
    for (int i = 0; i < 3; i++)
        assert_ended(connect_client());

    /* The backend comes up. */
    assert_int_equal(listen(backend, SOMAXCONN), 0);
    assert_relays(connect_pair(), MEGABYTE, MEGABYTE);

    /* Those that came to nothing have not been served. */
    stop_proxy(SIGTERM);
    assert_ends(0, 1, 0, 0);
}

/* As many descriptors as the proxy needs for one connection: no other can be accepted. */
static void test_out_of_descriptors(void **state)
{
    (void)state;
    struct pair pairs[8];
    struct rlimit limit;
    assert_int_equal(listen(backend, SOMAXCONN), 0);
    start_proxy(8);
    struct pair pair = connect_pair();
    for (unsigned char i = 0; i < 8; i++) {
        pairs[i].client = connect_client();
        assert_int_equal(send(pairs[i].client, &i, 1, MSG_NOSIGNAL), 1);
    }
    /* Meanwhile it tries. */
    for (int i = 0; i < 200; i++) {
        assert_byte_passes(pair.client, pair.server);
        assert_byte_passes(pair.server, pair.client);
    }

    assert_int_equal(prlimit(proxy_pid, RLIMIT_NOFILE, NULL, &limit), 0);
    limit.rlim_cur = 256;
    assert_int_equal(prlimit(proxy_pid, RLIMIT_NOFILE, &limit, NULL), 0);
    for (int i = 0; i < 8; i++) {
        unsigned char number;
        int server = accept_server();
        assert_int_equal(recv(server, &number, 1, 0), 1);
        assert_true(number < 8);
        assert_relays((struct pair){pairs[number].client, server}, MEGABYTE / 4, 1);
    }
    assert_relays(pair, MEGABYTE, MEGABYTE);
}

static void assert_drains(int signal_number)
{
    struct pair pairs[3];
    struct flow *up[3];
    start_backend_and_proxy();
    connect_pairs(pairs, 3);
    for (int i = 0; i < 3; i++)
        up[i] = start_flow(pairs[i].client, pairs[i].server, 4 * MEGABYTE);

    assert_int_equal(stop_proxy(signal_number), 3);

    /* Some of them are in mid-transfer still, all wait for their response. */
    for (int i = 0; i < 3; i++)
        assert_complete(up[i]);
    for (int i = 0; i < 3; i++) {
        assert_running();
        assert_complete(start_flow(pairs[i].server, pairs[i].client, 4 * MEGABYTE));
    }
    assert_ends(0, 3, 0, 0);
}

static void test_sigterm_drains(void **state)
{
    (void)state;
    assert_drains(SIGTERM);
}

static void test_sigint_drains(void **state)
{
    (void)state;
    assert_drains(SIGINT);
}

/* They come to nothing, and are counted; those in flight do not notice. */
static void test_late_connections_are_refused(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_byte_passes(pair.client, pair.server);
    /* Were they not refused, they would come to nothing all the same, but not
     * be counted. */
    shut_backend();
    assert_int_equal(stop_proxy(SIGTERM), 1);
    for (int i = 0; i < MANY; i++)
        assert_ended(connect_client());
    assert_running();
    assert_relays(pair, MEGABYTE, MEGABYTE);
    assert_ends(0, 1, MANY, 0);
}

/* A connection that does not end; the proxy does, and says so. */
static void test_drains_no_longer_than_told(void **state)
{
    (void)state;
    drain_seconds = "1";
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    assert_byte_passes(pair.client, pair.server);
    assert_int_equal(stop_proxy(SIGTERM), 1);
    assert_ends(1, 0, 0, 1);
    assert_ended(pair.client);
    assert_ended(pair.server);
}

static void test_signal_while_idle(void **state)
{
    (void)state;
    start_backend_and_proxy();
    assert_int_equal(stop_proxy(SIGTERM), 0);
    assert_ends(0, 0, 0, 0);
}

static void test_second_signal_ends_at_once(void **state)
{
    (void)state;
    start_backend_and_proxy();
    struct pair pair = connect_pair();
    stop_proxy(SIGTERM);
    assert_int_equal(kill(proxy_pid, SIGTERM), 0);
    int status = reap_proxy();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_ended(pair.client);
}

static void test_port_in_use(void **state)
{
    (void)state;
    int output, status;
    start_backend_and_proxy();
    pid_t second = spawn_proxy(proxy_port, 0, &output);
    assert_string_equal(read_output(output, false), "");
    assert_int_equal(waitpid(second, &status, 0), second);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_relays(connect_pair(), 1000, 1000);
}

#    define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_both_directions_at_once),
        TEST(test_half_close_by_client),
        TEST(test_half_close_by_backend),
        TEST(test_ends_without_data),
        TEST(test_resets_by_client),
        TEST(test_resets_by_backend),
        TEST(test_reset_beside_transfer),
        TEST(test_many_connections),
        TEST(test_backend_unreachable),
        TEST(test_out_of_descriptors),
        TEST(test_sigterm_drains),
        TEST(test_sigint_drains),
        TEST(test_late_connections_are_refused),
        TEST(test_drains_no_longer_than_told),
        TEST(test_signal_while_idle),
        TEST(test_second_signal_ends_at_once),
        TEST(test_port_in_use),
    };
    const char *chosen = getenv("TCP_PROXY_SEED");
    seed = chosen != NULL ? strtoull(chosen, NULL, 10) : (uint64_t)time(NULL);
    printf("# TCP_PROXY_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);

    /* A proxy that does not pass on an end is a hang; the alarm makes it a failure. */
    alarm(600);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
