// SPDX-License-Identifier: EUPL-1.2
#ifndef KONTOR_CONFINEMENT_H
#define KONTOR_CONFINEMENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What a confined process may still use.
struct kontor_confinement {
    /// Bytes of private writable memory (RLIMIT_DATA); RLIMIT_AS is this plus one GiB for code and stacks.
    uint64_t memory_bytes;
    /// Seconds of CPU time; the kernel sends SIGXCPU, one second later SIGKILL.
    uint64_t cpu_seconds;
    /// Largest file the process may write, bytes.
    uint64_t file_bytes;
    /// Highest descriptor number plus one.
    uint64_t open_files;
    /// Added to the nice value.
    int nice_increment;
    /// Directory below which files may be opened for reading; -1: no file may be opened at all.
    int root_directory;
};

/// Confines the calling process for the rest of its life; must run before it reads a hostile byte.
///
/// Limits, no new privileges, no core dump, death with the parent, a Landlock ruleset where the kernel has it, and a seccomp filter that
/// allows what reading descriptors and computing needs and refuses everything else with EPERM. Works as root and as a normal user.
///
/// `text` receives, when the result is 0, what could not be applied but is not essential (empty when nothing), and otherwise why the
/// process is not confined. Returns 0 or -1.
int kontor_confine(const struct kontor_confinement *wanted, char *text, size_t text_size);

/// A sealed, read-only memory file with these bytes, close-on-exec; -1 and errno on failure.
int kontor_memory_file(const void *bytes, size_t count);

/// Starts a program with exactly these descriptors: `descriptors[i]` becomes number `i` in the child, everything else is closed there.
///
/// The child gets default signal handlers, an empty signal mask and a process group of its own. Returns 0 and the process id, or an errno.
int kontor_spawn(const char *path, char *const arguments[], char *const environment[], const int *descriptors, int count, pid_t *process);

/// An unlinked file in `directory`, readable and writable, close-on-exec; -1 and errno on failure.
int kontor_unlinked_file(const char *directory);

/// A pipe, both ends close-on-exec: reading end first. Returns 0, or -1 and errno.
int kontor_pipe(int ends[2]);

/// The wait status of a process, taken apart without macros that Swift cannot see: 0 exited with `*value`, 1 ended by signal `*value`.
int kontor_wait_status(int status, int *value);

/// The account of the process at the other end of a local socket, as the kernel knows it. Returns 0, or -1 and errno.
int kontor_peer(int descriptor, uid_t *account);

/// Hides this process's memory from other processes of its account and from core dumps, and keeps it out of swap.
///
/// Returns 0, or the sum of what could not be done: 1 hidden, 2 no core dump, 4 not swapped.
int kontor_hide_memory(void);

/// Ends this process as a crash would: by an illegal instruction.
void kontor_trap(void) __attribute__((noreturn));

#endif
