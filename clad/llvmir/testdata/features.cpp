// What LLVM IR has that ordinary code rarely makes: computed and asm goto, atomics, coroutines, odd types,
// variable arguments, exception filters, tail calls, aliases, sections.
#include <atomic>
#include <complex>
#include <csetjmp>
#include <cstdarg>
#include <cstdint>
#include <exception>
#include <typeinfo>
#if __clang_major__ >= 16
#include <coroutine>
#endif

int interpret(const unsigned char *code, int n) {
  static void *labels[] = {&&halt, &&add, &&loop, &&negate};
  int value = n;
  goto *labels[*code & 3];
add:
  value += *++code;
  goto *labels[*code & 3];
loop:
  while (value > 100) value -= *code;
  goto *labels[*++code & 3];
negate:
  value = -value;
  goto *labels[*++code & 3];
halt:
  return value;
}

#if __clang_major__ >= 16  // before, callbr had another form, which opt-16 does not read
int asmGoto(int x) {
again:
  asm goto("testl %0, %0; jne %l1" : : "r"(x) : "cc" : again, out);
  asm volatile("" : "+r"(x) : : "memory");
  return x;
out:
  return -1;
}
#endif

long sum(int n, ...) {
  va_list list;
  va_start(list, n);
  long s = 0;
  for (int i = 0; i < n; ++i) s += i % 2 ? va_arg(list, long) : va_arg(list, int);
  va_end(list);
  return s;
}

std::atomic<std::uint64_t> counter;
thread_local int mine;
__attribute__((section("odd section"), used)) volatile int placed = 3;

void count(int n) {
  for (int i = 0; i < n; ++i) {
    std::uint64_t old = counter.load(std::memory_order_acquire);
    while (!counter.compare_exchange_weak(old, old * 3 + mine, std::memory_order_acq_rel)) {
    }
    counter.fetch_xor(old, std::memory_order_relaxed);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ++mine;
  }
}

typedef float V __attribute__((vector_size(32)));
typedef int I __attribute__((vector_size(32)));

V vectors(const V *v, int n, I mask) {
  V s = {};
  for (int i = 0; i < n; ++i) {
    V t = __builtin_shufflevector(v[i], s, 7, 6, 5, 4, 8, 9, 10, 11);
    s += mask ? t : v[i];
  }
  return s;
}

#if __clang_major__ >= 16
_Float16 halves(const _Float16 *x, int n) {
  _Float16 s = 0;
  for (int i = 0; i < n; ++i) s += x[i];
  return s;
}
#endif

long double extended(const long double *x, int n) {
  long double s = 0;
  for (int i = 0; i < n; ++i) s += x[i] / 3;
  return s;
}

__int128 wide(const __int128 *x, int n) {
  __int128 s = 1;
  for (int i = 0; i < n; ++i) s = s * x[i] % 1000003;
  return s;
}

std::complex<double> powers(std::complex<double> z, int n) {
  std::complex<double> s = 0, p = 1;
  for (int i = 0; i < n; ++i, p *= z) s += p;
  return s;
}

struct Guard {
  int *at;
  ~Guard() { ++*at; }
};

int mayThrow(int);
int guarded(int n) noexcept(false) {
  int left = 0;
  for (int i = 0; i < n; ++i) {
    Guard g{&left};
    try {
      if (mayThrow(i)) continue;
    } catch (const std::exception &e) {
      if (mayThrow(typeid(e).hash_code() != 0)) break;
    } catch (int x) {
      left += x;
    } catch (...) {
      throw;
    }
  }
  return left;
}

std::jmp_buf environment;
int jumps(int n) {
  volatile int tries = 0;
  if (setjmp(environment) < n) {
    tries = tries + 1;
    std::longjmp(environment, tries);
  }
  return tries;
}

int musttail(int n, int acc) {
  if (n == 0) return acc;
  [[clang::musttail]] return musttail(n - 1, acc * n);
}

struct Base { virtual ~Base(); virtual int f(int) = 0; };
struct Other { virtual int g(int) { return 1; } };
struct Both : Base, Other { int f(int n) override { return n ? f(n - 1) : 0; } int g(int n) override { return f(n); } };
int virtuals(Base *b, int n) {
  int s = 0;
  for (int i = 0; i < n; ++i) {
    s += b->f(i);
    if (auto *o = dynamic_cast<Other *>(b)) s -= o->g(i);
  }
  return s;
}
int virtuals(int n) { Both b; return virtuals(&b, n); }

extern "C" int implementation(int x) { return x + 1; }
extern "C" int alias(int) __attribute__((alias("implementation"), weak));
__attribute__((target_clones("avx2", "default"))) float dot(const float *x, const float *y, int n) {
  float s = 0;
  for (int i = 0; i < n; ++i) s += x[i] * y[i];
  return s;
}

#if __clang_major__ >= 16
struct Numbers {
  struct promise_type {
    int value;
    Numbers get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int v) { value = v; return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

Numbers fibonacci(int n) {
  int a = 0, b = 1;
  while (n-- > 0) {
    co_yield a;
    int next = a + b;
    a = b;
    b = next;
  }
}

int total(int n) {
  Numbers f = fibonacci(n);
  int s = 0;
  while (f.handle.resume(), !f.handle.done()) s += f.handle.promise().value;
  f.handle.destroy();
  return s;
}
#endif
