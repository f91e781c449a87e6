// Runs a command without a shell and with a time limit.
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace cladtorch::detail {

struct Outcome {
  int status = -1;  // exit status; -1: ended by a signal or not started
  std::string out, err;
  std::string failure;  // why there is no exit status: not started, time-out, cancelled, signal, lost
  bool late = false;    // the time was over
  bool lost = false;    // the command ended, and another part of this program was told how
};

// Starts argv[0] (a path) by posix_spawn in a process group of its own, with no input and with the
// system's way with signals, whatever this program's is. When the time is over (any number of seconds;
// infinity: never), or *cancel becomes true, the group is killed.
Outcome run(const std::vector<std::string>& argv, double timeout_seconds, const std::atomic<bool>* cancel = nullptr);

// How many processes run has started, for tests of warm starts.
int processes_started();

}  // namespace cladtorch::detail
