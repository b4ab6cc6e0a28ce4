/*
 * liburcu's readers and callbacks with membarrier: the same loops as in Java, inlined as its
 * headers allow.
 */
#define _LGPL_SOURCE
#define RCU_MEMBARRIER
#include <pthread.h>
#include <stdlib.h>
#include <urcu.h>

struct node {
	struct rcu_head head;
	long waiting;
};

static long value = 1;
static long *published = &value;
static pthread_t spinner;
static int spinning;

static __thread int registered;

void urcu_begin(void)
{
	if (!registered)
		rcu_register_thread();
	registered = 1;
}

/* So many read sections, each of which finds and reads the published value. */
long urcu_sections(long count)
{
	long sum = 0;

	for (long i = 0; i < count; i++) {
		rcu_read_lock();
		sum += *rcu_dereference(published);
		rcu_read_unlock();
	}
	return sum;
}

static void *spin(void *unused)
{
	(void)unused;
	rcu_register_thread();
	while (__atomic_load_n(&spinning, __ATOMIC_RELAXED))
		urcu_sections(64);
	rcu_unregister_thread();
	return NULL;
}

/* A thread that reads all the time, from now on until it is told to stop. */
int urcu_spin(int on)
{
	__atomic_store_n(&spinning, on, __ATOMIC_RELAXED);
	return on ? pthread_create(&spinner, NULL, spin, NULL) : pthread_join(spinner, NULL);
}

static void reclaim(struct rcu_head *head)
{
	caa_container_of(head, struct node, head)->waiting = 0;
}

void *urcu_nodes(long count)
{
	return calloc(count, sizeof(struct node));
}

/* Hands every node to call_rcu and waits until all were called. How many still wait: 0. */
long urcu_call(struct node *nodes, long count)
{
	long waiting = 0;

	for (long i = 0; i < count; i++) {
		nodes[i].waiting = 1;
		call_rcu(&nodes[i].head, reclaim);
	}
	rcu_barrier();
	for (long i = 0; i < count; i++)
		waiting += nodes[i].waiting;
	return waiting;
}
