// SPDX-License-Identifier: MIT
// Copyright (C) 2026 The libwaitgroup authors

// A host of coroutines: each begins in one thread and ends in another, and reports its end
// when its frame does.
#include <coroutine>

#include "work.h"

struct task {
    struct promise_type {
        task get_return_object()
        {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_never initial_suspend() noexcept
        {
            return {};
        }
        std::suspend_never final_suspend() noexcept
        {
            return {};
        }
        void return_void()
        {
        }
        void unhandled_exception()
        {
        }
    };
    std::coroutine_handle<> handle;
};

static void resume(void *address)
{
    std::coroutine_handle<>::from_address(address).resume();
}

// What goes on in another thread, which is waited for by another group.
struct elsewhere {
    wg_t *threads;
    bool await_ready() noexcept
    {
        return false;
    }
    void await_suspend(std::coroutine_handle<> handle) noexcept
    {
        HOPE(wg_go(threads, resume, handle.address()) == 0);
    }
    void await_resume() noexcept
    {
    }
};

struct last {
    wg_t *wg;
    ~last()
    {
        wg_done(wg);
    }
};

static task run(wg_t *wg, wg_t *threads, int *number)
{
    last done = {wg};
    co_await elsewhere{threads};
    count_up(number);
}

static task run_deferred(wg_t *wg, wg_t *threads, int *number)
{
    wg_defer_done(wg);
    co_await elsewhere{threads};
    count_up(number);
}

int main()
{
    wg_t wg = WG_INITIALIZER, threads = WG_INITIALIZER;
    int number = 0;
    HOPE(wg_add(&wg, 20) == 0);
    for (int i = 0; i < 10; i++) {
        run(&wg, &threads, &number);
        run_deferred(&wg, &threads, &number);
    }
    HOPE(wg_wait(&wg) == 0 && number == 20);
    HOPE(wg_wait(&threads) == 0);
    work();
    return 0;
}
