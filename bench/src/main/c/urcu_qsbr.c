/* liburcu's reader that says when it holds nothing, once in so many sections. */
#define _LGPL_SOURCE
#include <urcu-qsbr.h>

static long value = 1;
static long *published = &value;

void qsbr_begin(void)
{
	rcu_register_thread();
}

long qsbr_sections(long count, long every)
{
	long sum = 0;

	for (long left = count; left > 0; left -= every) {
		for (long i = left < every ? left : every; i > 0; i--) {
			rcu_read_lock();
			sum += *rcu_dereference(published);
			rcu_read_unlock();
		}
		rcu_quiescent_state();
	}
	return sum;
}
