/* SPDX-License-Identifier: MIT */
/* tests/faults/nth_malloc.c - memory that runs out at the n-th allocation.
 *
 * Preloaded into a daemon (LD_PRELOAD) it counts allocations and lets some of
 * them fail with ENOMEM. Which ones stands in the file that FAULTS_MEMORY
 * names, as four 64-bit numbers that the test may write at any time: how many
 * were counted, the first that fails (0: none), how many more fail from there
 * on, and how many have failed.
 *
 * Counted is what the daemon's own threads ask for by malloc() and its kin, in
 * our code or in a library's. Not counted is what ZeroMQ and the C++ runtime
 * ask for, which end the process by design where there is no memory; the
 * dynamic linker; and what a sanitiser needs for itself.
 *
 * The daemon ends when FAULTS_PARENT does, which started it: nobody else would
 * end it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define RANGES_MAX  64
#define FIRST_BYTES (64 * 1024) /* for dlsym(), before there is a malloc() */

struct orders {
	_Atomic int64_t counted;
	_Atomic int64_t fail_from;
	_Atomic int64_t fail_left;
	_Atomic int64_t failed;
};

static struct orders *orders;
static _Thread_local bool is_own;

static struct {
	uintptr_t from, to;
} exempt[RANGES_MAX];
static size_t exempt_count;

static _Alignas(64) char first[FIRST_BYTES];
static size_t first_used;
static bool is_resolving;

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void (*free)(void *);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
} real;

/* --- The real ones */

/* dlsym() may allocate: from here, and never given back. */
static void *
first_get(size_t n)
{
	char *at = first + first_used;

	n = (n + 63) & ~(size_t)63;
	if (n > FIRST_BYTES - first_used)
		abort();
	first_used += n;
	return at;
}

static bool
is_first(const void *at)
{
	return (const char *)at >= first &&
	       (const char *)at < first + FIRST_BYTES;
}

static void
resolve(void)
{
	is_resolving = true;
	*(void **)&real.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real.free = dlsym(RTLD_NEXT, "free");
	*(void **)&real.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
	*(void **)&real.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
	*(void **)&real.malloc = dlsym(RTLD_NEXT, "malloc");
	is_resolving = false;
}

/* False while they are looked for. */
static bool
is_real(void)
{
	if (real.malloc == NULL && !is_resolving)
		resolve();
	return real.malloc != NULL && !is_resolving;
}

/* --- Who is counted */

static bool
is_exempt_name(const char *path)
{
	static const char *const names[] = {
		"libzmq",  "libpgm",   "libstdc++", "libgcc_s", "ld-linux",
		"libasan", "libubsan", "libtsan",   "liblsan"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strstr(path, names[i]) != NULL)
			return true;
	return false;
}

static int
note_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	if (!is_exempt_name(info->dlpi_name))
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD || exempt_count == RANGES_MAX)
			continue;
		exempt[exempt_count].from = info->dlpi_addr + part->p_vaddr;
		exempt[exempt_count].to =
		    exempt[exempt_count].from + part->p_memsz;
		exempt_count++;
	}
	return 0;
}

static bool
is_exempt(const void *caller)
{
	for (size_t i = 0; i < exempt_count; i++)
		if ((uintptr_t)caller >= exempt[i].from &&
		    (uintptr_t)caller < exempt[i].to)
			return true;
	return false;
}

static void
end_with_parent(void)
{
	const char *parent = getenv("FAULTS_PARENT");

	if (parent == NULL)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != atoi(parent)) /* it has ended already */
		_exit(1);
}

__attribute__((constructor)) static void
open_orders(void)
{
	const char *path = getenv("FAULTS_MEMORY");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	end_with_parent();
	if (fd < 0)
		return;
	at = mmap(NULL, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  0);
	close(fd);
	if (at == MAP_FAILED)
		return;
	dl_iterate_phdr(note_object, NULL);
	is_own = true;
	orders = at;
}

static bool
must_fail(const void *caller)
{
	int64_t from, n, left;

	if (orders == NULL || !is_own || is_exempt(caller))
		return false;
	n = atomic_fetch_add(&orders->counted, 1) + 1;
	from = atomic_load(&orders->fail_from);
	if (from == 0 || n < from)
		return false;
	left = atomic_load(&orders->fail_left);
	while (left > 0)
		if (atomic_compare_exchange_weak(&orders->fail_left, &left,
						 left - 1)) {
			atomic_fetch_add(&orders->failed, 1);
			errno = ENOMEM;
			return true;
		}
	return false;
}

/* --- Threads */

struct begin {
	void *(*run)(void *);
	void *context;
};

static void *
run_own(void *context)
{
	struct begin begin = *(struct begin *)context;

	real.free(context);
	is_own = true;
	return begin.run(begin.context);
}

/* A thread that one of ours makes is one of ours, unless it is ZeroMQ's. */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
	       void *(*run)(void *), void *context)
{
	int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		      void *);
	struct begin *begin;
	int rc;

	*(void **)&create = dlsym(RTLD_NEXT, "pthread_create");
	if (!is_own || is_exempt(__builtin_return_address(0)))
		return create(thread, attributes, run, context);
	begin = real.malloc(sizeof *begin);
	if (begin == NULL)
		return EAGAIN;
	*begin = (struct begin){ run, context };
	rc = create(thread, attributes, run_own, begin);
	if (rc != 0)
		real.free(begin);
	return rc;
}

/* ZeroMQ looks for network protocols as it begins: in libc, which then asks for
 * memory on its behalf. */
void *zmq_ctx_new(void);

void *
zmq_ctx_new(void)
{
	void *(*begin)(void);
	const bool was_own = is_own;
	void *context;

	*(void **)&begin = dlsym(RTLD_NEXT, "zmq_ctx_new");
	is_own = false;
	context = begin();
	is_own = was_own;
	return context;
}

/* --- malloc() and its kin */

void *
malloc(size_t n)
{
	if (!is_real())
		return first_get(n);
	if (must_fail(__builtin_return_address(0)))
		return NULL;
	return real.malloc(n);
}

void *
calloc(size_t count, size_t n)
{
	if (!is_real())
		return first_get(count * n); /* zero, as static memory is */
	if (must_fail(__builtin_return_address(0)))
		return NULL;
	return real.calloc(count, n);
}

void *
realloc(void *at, size_t n)
{
	void *moved;

	if (!is_real() || is_first(at)) {
		moved = is_real() ? real.malloc(n) : first_get(n);
		if (moved != NULL && at != NULL)
			memcpy(
			    moved, at,
			    n < (size_t)(first + FIRST_BYTES - (char *)at)
				? n
				: (size_t)(first + FIRST_BYTES - (char *)at));
		return moved;
	}
	if (n > 0 && must_fail(__builtin_return_address(0)))
		return NULL;
	return real.realloc(at, n);
}

void
free(void *at)
{
	if (at != NULL && !is_first(at) && is_real())
		real.free(at);
}

int
posix_memalign(void **at, size_t alignment, size_t n)
{
	if (!is_real())
		abort();
	if (must_fail(__builtin_return_address(0)))
		return ENOMEM;
	return real.posix_memalign(at, alignment, n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	if (!is_real())
		abort();
	if (must_fail(__builtin_return_address(0)))
		return NULL;
	return real.aligned_alloc(alignment, n);
}
