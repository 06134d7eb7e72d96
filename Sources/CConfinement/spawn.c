// SPDX-License-Identifier: EUPL-1.2
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int kontor_memory_file(const void *bytes, size_t count) {
    int descriptor = memfd_create("kontor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) { return -1; }
    const char *next = bytes;
    size_t left = count;
    while (left > 0) {
        ssize_t written = write(descriptor, next, left);
        if (written < 0) {
            if (errno == EINTR) { continue; }
            int reason = errno;
            close(descriptor);
            errno = reason;
            return -1;
        }
        next += written;
        left -= (size_t)written;
    }
    lseek(descriptor, 0, SEEK_SET);
    // Sealed: the child that gets it cannot change what the parent still holds.
    fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    return descriptor;
}

int kontor_peer(int descriptor, uid_t *account) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) { return -1; }
    *account = peer.uid;
    return 0;
}

int kontor_hide_memory(void) {
    struct rlimit none = {0, 0};
    int failed = 0;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) { failed |= 1; }
    if (setrlimit(RLIMIT_CORE, &none) != 0) { failed |= 2; }
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) { failed |= 4; }
    return failed;
}

int kontor_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int kontor_unlinked_file(const char *directory) {
    int descriptor = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) { return descriptor; }
    // A file system without O_TMPFILE.
    char *name = NULL;
    if (asprintf(&name, "%s/.kontor-XXXXXX", directory) < 0) { errno = ENOMEM; return -1; }
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0) { unlink(name); }
    int reason = errno;
    free(name);
    errno = reason;
    return descriptor;
}

int kontor_spawn(const char *path, char *const arguments[], char *const environment[], const int *descriptors, int count, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int *high = calloc((size_t)count, sizeof *high);
    if (high == NULL) { return ENOMEM; }
    int held = 0;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) { free(high); return result; }
    result = posix_spawnattr_init(&attributes);
    if (result != 0) { posix_spawn_file_actions_destroy(&actions); free(high); return result; }
    // Sources first move above every target number, so that no dup2 in the child overwrites a source that is still needed.
    for (; held < count && result == 0; held += 1) {
        high[held] = fcntl(descriptors[held], F_DUPFD_CLOEXEC, count + 3);
        if (high[held] < 0) { result = errno; break; }
    }
    for (int i = 0; i < count && result == 0; i += 1) { result = posix_spawn_file_actions_adddup2(&actions, high[i], i); }
    // Whatever a library opened without close-on-exec ends here.
    if (result == 0) { result = posix_spawn_file_actions_addclosefrom_np(&actions, count); }
    sigset_t every, none;
    sigfillset(&every);
    sigemptyset(&none);
    if (result == 0) { result = posix_spawnattr_setsigdefault(&attributes, &every); }
    if (result == 0) { result = posix_spawnattr_setsigmask(&attributes, &none); }
    if (result == 0) { result = posix_spawnattr_setpgroup(&attributes, 0); }
    if (result == 0) {
        result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    }
    if (result == 0) { result = posix_spawn(process, path, &actions, &attributes, arguments, environment); }
    for (int i = 0; i < held; i += 1) { close(high[i]); }
    free(high);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}
