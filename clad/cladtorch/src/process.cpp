#include "process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace cladtorch::detail {
namespace {

std::atomic<int> started{0};

using Clock = std::chrono::steady_clock;

struct Pipe {
  int fd[2] = {-1, -1};
  Pipe() {
    if (pipe2(fd, O_CLOEXEC) != 0) fd[0] = fd[1] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(int i) {
    if (fd[i] >= 0) close(fd[i]);
    fd[i] = -1;
  }
};

int spawn(pid_t& pid, const std::vector<std::string>& argv, Pipe& out, Pipe& err) {
  std::vector<char*> args;
  for (const auto& a : argv) args.push_back(const_cast<char*>(a.c_str()));
  args.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.fd[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err.fd[1], 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int failed = posix_spawn(&pid, args[0], &actions, &attributes, args.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// Reads what is there; false at the end.
bool drain(int fd, std::string& into) {
  std::array<char, 65536> buffer;
  ssize_t n = read(fd, buffer.data(), buffer.size());
  if (n > 0) into.append(buffer.data(), size_t(n));
  return n > 0 || (n < 0 && errno == EINTR);
}

}  // namespace

int processes_started() { return started; }

Outcome run(const std::vector<std::string>& argv, double timeout_seconds, const std::atomic<bool>* cancel) {
  Outcome o;
  Pipe out, err;
  pid_t pid = 0;
  if (out.fd[0] < 0 || err.fd[0] < 0) {
    o.failure = std::string("pipe: ") + std::strerror(errno);
    return o;
  }
  if (int failed = spawn(pid, argv, out, err)) {
    o.failure = "cannot start " + argv[0] + ": " + std::strerror(failed);
    return o;
  }
  ++started;
  out.close_end(1);
  err.close_end(1);
  auto start = Clock::now();
  bool killed = false;
  auto check = [&] {
    if (killed) return;
    bool cancelled = cancel && *cancel;
    if (!cancelled && !(std::chrono::duration<double>(Clock::now() - start).count() > timeout_seconds)) return;
    std::ostringstream why;
    why << "took longer than " << timeout_seconds << " s and was ended";
    o.failure = cancelled ? "cancelled" : why.str();
    o.late = !cancelled;
    kill(-pid, SIGKILL);
    killed = true;
  };
  while (!killed && (out.fd[0] >= 0 || err.fd[0] >= 0)) {
    pollfd fds[2] = {{out.fd[0], POLLIN, 0}, {err.fd[0], POLLIN, 0}};
    int n = poll(fds, 2, 20);
    if (n > 0 && fds[0].revents && !drain(out.fd[0], o.out)) out.close_end(0);
    if (n > 0 && fds[1].revents && !drain(err.fd[0], o.err)) err.close_end(0);
    check();
  }
  int status = 0;
  pid_t ended;
  while ((ended = waitpid(pid, &status, killed ? 0 : WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
    check();
    if (!killed) usleep(1000);
  }
  if (killed) return o;
  if (ended < 0) {
    o.lost = true;
    o.failure = argv[0] + " ended, but its exit status is lost: SIGCHLD is ignored, or its handler waits for any child";
    return o;
  }
  if (WIFEXITED(status)) o.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) o.failure = argv[0] + " was ended by signal " + std::to_string(WTERMSIG(status));
  return o;
}

}  // namespace cladtorch::detail
