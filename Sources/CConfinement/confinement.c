// SPDX-License-Identifier: EUPL-1.2
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define KONTOR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define KONTOR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the analyser's system call filter is written for x86_64 and aarch64"
#endif

static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strnlen(text, size);
    if (used + 1 >= size) { return; }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

// A hard limit below the wanted one is stricter and stays; raising it would need a privilege that a normal user lacks.
static int limit(int resource, uint64_t wanted, uint64_t hard) {
    struct rlimit now;
    if (getrlimit(resource, &now) != 0) { return -1; }
    struct rlimit next = { wanted, hard };
    if (now.rlim_max != RLIM_INFINITY && next.rlim_max > now.rlim_max) { next.rlim_max = now.rlim_max; }
    if (next.rlim_cur > next.rlim_max) { next.rlim_cur = next.rlim_max; }
    return setrlimit(resource, &next);
}

// --- Landlock (kernel 5.13): numbers are part of the kernel's stable interface, headers may be older than the kernel ---

struct landlock_ruleset { uint64_t handled_access_fs; };
struct landlock_beneath { uint64_t allowed_access; int32_t parent_fd; } __attribute__((packed));
enum {
    LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446,
    LANDLOCK_READ_FILE = 1 << 2, LANDLOCK_READ_DIRECTORY = 1 << 3,
    LANDLOCK_EVERYTHING_V1 = (1 << 13) - 1,
};

// Without it, `dir:` mode could still read files outside the root directory; the filter below keeps everything else shut.
static int landlock(int root_directory) {
    struct landlock_ruleset ruleset = { LANDLOCK_EVERYTHING_V1 };
    int descriptor = (int)syscall(LANDLOCK_CREATE, &ruleset, sizeof ruleset, 0);
    if (descriptor < 0) { return -1; }
    int result = 0;
    if (root_directory >= 0) {
        struct landlock_beneath rule = { LANDLOCK_READ_FILE | LANDLOCK_READ_DIRECTORY, root_directory };
        result = (int)syscall(LANDLOCK_ADD, descriptor, 1 /* path beneath */, &rule, 0);
    }
    if (result == 0) { result = (int)syscall(LANDLOCK_RESTRICT, descriptor, 0); }
    int reason = errno;
    close(descriptor);
    errno = reason;
    return result;
}

// --- seccomp ---

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(offset))
#define LOAD_ARGUMENT(n) LOAD(offsetof(struct seccomp_data, args) + 8 * (n))
#define LOAD_ARGUMENT_HIGH(n) LOAD(offsetof(struct seccomp_data, args) + 8 * (n) + 4)
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)
#define ANY_BIT(mask, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (uint32_t)(mask), yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define ALLOWED RETURN(SECCOMP_RET_ALLOW)
#define REFUSED(reason) RETURN(SECCOMP_RET_ERRNO | ((reason) & SECCOMP_RET_DATA))

// Calls that only compute, use memory, or use descriptors that the process already holds. An allow list: a call that a later kernel adds
// (as io_uring was: files and sockets past every filter) is refused without anybody having to notice it.
static const int plain_calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_preadv, SYS_pwritev, SYS_lseek, SYS_close,
    SYS_fstat, SYS_statx, SYS_ftruncate, SYS_fadvise64, SYS_dup, SYS_dup3, SYS_ppoll, SYS_memfd_create,
    SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_membarrier,
    SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity, SYS_getcpu,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall,
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_exit, SYS_exit_group, SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
    SYS_getrandom, SYS_getrusage, SYS_sysinfo, SYS_uname, SYS_set_tid_address,
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_close_range
    SYS_close_range,
#endif
#if defined(__x86_64__)
    SYS_stat, SYS_lstat, SYS_poll, SYS_dup2, SYS_getrlimit, SYS_time, SYS_arch_prctl,
#endif
};

// Further calls for a root directory: listing it and reading links. Landlock keeps opening below the root.
static const int directory_calls[] = {
    SYS_getdents64, SYS_readlinkat, SYS_faccessat, SYS_fgetxattr, SYS_getxattr, SYS_lgetxattr, SYS_fchdir, SYS_fstatfs,
#if defined(__x86_64__)
    SYS_readlink, SYS_access, SYS_getdents,
#endif
};

#define CAPACITY 384

struct program {
    struct sock_filter code[CAPACITY];
    size_t count;
};

static void add(struct program *program, const struct sock_filter *code, size_t count) {
    if (program->count + count > CAPACITY) { program->count = CAPACITY + 1; return; }
    memcpy(program->code + program->count, code, count * sizeof *code);
    program->count += count;
}
#define ADD(program, ...)                                              \
    do {                                                               \
        const struct sock_filter code[] = { __VA_ARGS__ };             \
        add(program, code, sizeof code / sizeof code[0]);              \
    } while (0)

static int filter(int directory_mode) {
    static struct program program;
    program.count = 0;
    struct program *p = &program;
    // Another architecture's numbers (32-bit calls on a 64-bit kernel, x32) would mean other calls.
    ADD(p, LOAD(offsetof(struct seccomp_data, arch)), EQUAL(KONTOR_ARCHITECTURE, 1, 0), RETURN(SECCOMP_RET_KILL_PROCESS));
    ADD(p, LOAD(offsetof(struct seccomp_data, nr)));
#if defined(__x86_64__)
    ADD(p, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS));
#endif
    for (size_t i = 0; i < sizeof plain_calls / sizeof plain_calls[0]; i += 1) { ADD(p, EQUAL(plain_calls[i], 0, 1), ALLOWED); }
    if (directory_mode) {
        for (size_t i = 0; i < sizeof directory_calls / sizeof directory_calls[0]; i += 1) {
            ADD(p, EQUAL(directory_calls[i], 0, 1), ALLOWED);
        }
    }
    // Memory that is written and then run is how injected code starts.
    ADD(p, EQUAL(SYS_mmap, 0, 4), LOAD_ARGUMENT(2), ANY_BIT(4 /* PROT_EXEC */, 0, 1), REFUSED(EPERM), ALLOWED);
    ADD(p, EQUAL(SYS_mprotect, 0, 4), LOAD_ARGUMENT(2), ANY_BIT(4 /* PROT_EXEC */, 0, 1), REFUSED(EPERM), ALLOWED);
    // A thread is fine, a process is not. glibc falls back from clone3, whose flags lie in memory, to clone.
    ADD(p, EQUAL(SYS_clone, 0, 4), LOAD_ARGUMENT(0), ANY_BIT(CLONE_THREAD, 0, 1), ALLOWED, REFUSED(EPERM));
#ifdef SYS_clone3
    ADD(p, EQUAL(SYS_clone3, 0, 1), REFUSED(ENOSYS));
#endif
    // Flags of openat2 lie in memory, where a filter cannot look.
#ifdef SYS_openat2
    ADD(p, EQUAL(SYS_openat2, 0, 1), REFUSED(ENOSYS));
#endif
    if (directory_mode) {
        uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY);
        ADD(p, EQUAL(SYS_openat, 0, 4), LOAD_ARGUMENT(2), ANY_BIT(writing, 0, 1), REFUSED(EPERM), ALLOWED);
#ifdef SYS_open
        ADD(p, EQUAL(SYS_open, 0, 4), LOAD_ARGUMENT(1), ANY_BIT(writing, 0, 1), REFUSED(EPERM), ALLOWED);
#endif
    }
    // Signals only to itself: how abort() and a crash handler end the process.
    ADD(p, EQUAL(SYS_tgkill, 0, 4), LOAD_ARGUMENT(0), EQUAL(getpid(), 0, 1), ALLOWED, REFUSED(EPERM));
    ADD(p, EQUAL(SYS_kill, 0, 4), LOAD_ARGUMENT(0), EQUAL(getpid(), 0, 1), ALLOWED, REFUSED(EPERM));
    // Reading limits is fine, of itself and without changing them: pid 0 and no new value (both halves of the pointer).
    ADD(p, EQUAL(SYS_prlimit64, 0, 8), LOAD_ARGUMENT(0), EQUAL(0, 0, 5), LOAD_ARGUMENT(1), EQUAL(0, 0, 3), LOAD_ARGUMENT_HIGH(1),
        EQUAL(0, 0, 1), ALLOWED, REFUSED(EPERM));
    // Descriptor flags, never owner or signal of a descriptor.
    ADD(p, EQUAL(SYS_fcntl, 0, 8), LOAD_ARGUMENT(1), EQUAL(F_GETFD, 5, 0), EQUAL(F_SETFD, 4, 0), EQUAL(F_GETFL, 3, 0),
        EQUAL(F_DUPFD_CLOEXEC, 2, 0), EQUAL(F_DUPFD, 1, 0), REFUSED(EPERM), ALLOWED);
    // Thread names and the names that malloc gives its arenas.
    ADD(p, EQUAL(SYS_prctl, 0, 5), LOAD_ARGUMENT(0), EQUAL(PR_SET_NAME, 2, 0), EQUAL(0x53564d41 /* PR_SET_VMA */, 1, 0), REFUSED(EPERM), ALLOWED);
    ADD(p, REFUSED(EPERM));
    if (program.count > CAPACITY) { errno = E2BIG; return -1; }
    struct sock_fprog wanted = { (unsigned short)program.count, program.code };
    // TSYNC: the filter holds for every thread that exists already, or for none.
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &wanted);
    if (result > 0) { errno = EBUSY; return -1; }
    return (int)result;
}

int kontor_confine(const struct kontor_confinement *wanted, char *text, size_t text_size) {
    if (text_size == 0) { return -1; }
    text[0] = 0;
#define ESSENTIAL(call, what)                                                        \
    do {                                                                             \
        if ((call) != 0) {                                                           \
            text[0] = 0;                                                             \
            append(text, text_size, "%s: %s", what, strerror(errno));                \
            return -1;                                                               \
        }                                                                            \
    } while (0)
#define WELCOME(call, what)                                                                                             \
    do {                                                                                                                \
        if ((call) != 0) { append(text, text_size, "%s%s: %s", text[0] ? "; " : "", what, strerror(errno)); }           \
    } while (0)
    ESSENTIAL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges (prctl)");
    ESSENTIAL(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "not dumpable (prctl)");
    WELCOME(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "end with the parent (prctl)");
    ESSENTIAL(limit(RLIMIT_CORE, 0, 0), "no core file (setrlimit)");
    ESSENTIAL(limit(RLIMIT_FSIZE, wanted->file_bytes, wanted->file_bytes), "file size (setrlimit)");
    ESSENTIAL(limit(RLIMIT_NOFILE, wanted->open_files, wanted->open_files), "open files (setrlimit)");
    ESSENTIAL(limit(RLIMIT_CPU, wanted->cpu_seconds, wanted->cpu_seconds + 1), "CPU time (setrlimit)");
    ESSENTIAL(limit(RLIMIT_DATA, wanted->memory_bytes, wanted->memory_bytes), "memory (setrlimit)");
    uint64_t address_space = wanted->memory_bytes + (1ull << 30);
    ESSENTIAL(limit(RLIMIT_AS, address_space, address_space), "address space (setrlimit)");
    if (wanted->nice_increment > 0) {
        errno = 0;
        int level = nice(wanted->nice_increment);
        WELCOME(level == -1 && errno != 0 ? -1 : 0, "nice");
    }
    WELCOME(landlock(wanted->root_directory), wanted->root_directory >= 0 ? "reading only below the root directory (Landlock)" : "Landlock");
    ESSENTIAL(filter(wanted->root_directory >= 0), "system call filter (seccomp)");
    return 0;
}

int kontor_wait_status(int status, int *value) {
    if (WIFSIGNALED(status)) { *value = WTERMSIG(status); return 1; }
    *value = WEXITSTATUS(status);
    return 0;
}

void kontor_trap(void) { __builtin_trap(); }
