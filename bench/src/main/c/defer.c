/*
 * liburcu's deferred free for comparison: nodes that are there already, handed to call_rcu in a
 * given order; what is called clears a flag of the node, as a free would touch its block's bit.
 */
#define _LGPL_SOURCE
#define RCU_MEMBARRIER
#include <stdlib.h>
#include <urcu.h>

struct node {
	struct rcu_head head;
	long waiting;
};

static void reclaim(struct rcu_head *head)
{
	struct node *node = caa_container_of(head, struct node, head);

	node->waiting = 0;
}

/* Space for so many nodes, or NULL. */
void *defer_new(long nodes)
{
	return calloc(nodes, sizeof(struct node));
}

void defer_free(void *nodes)
{
	free(nodes);
}

void defer_begin(void)
{
	rcu_register_thread();
}

void defer_end(void)
{
	rcu_unregister_thread();
}

/* Defers every node in this order, and waits until all were called. How many still wait: 0. */
long defer_all(struct node *nodes, const int *order, long count)
{
	long waiting = 0;

	for (long i = 0; i < count; i++) {
		struct node *node = &nodes[order[i]];

		node->waiting = 1;
		call_rcu(&node->head, reclaim);
	}
	rcu_barrier();
	for (long i = 0; i < count; i++)
		waiting += nodes[i].waiting;
	return waiting;
}
