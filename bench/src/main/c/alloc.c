/*
 * What malloc and memset take, for comparison with fragments and known-empty tables. No function
 * touches a block that it allocates; the empty asm statements see to it that the compiler cannot
 * leave the calls out. One call from Java does many operations.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define RING 1024

static inline void used(void *block)
{
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* Allocates and frees, one at a time. */
void alloc_pairs(long bytes, long pairs)
{
	for (long i = 0; i < pairs; i++) {
		void *block = malloc(bytes);

		used(block);
		free(block);
	}
}

/* Allocates count blocks and frees them in the given order, so many times. */
void alloc_batches(long bytes, const int *order, long count, long rounds, void **blocks)
{
	for (long round = 0; round < rounds; round++) {
		for (long i = 0; i < count; i++) {
			blocks[i] = malloc(bytes);
			used(blocks[i]);
		}
		for (long i = 0; i < count; i++)
			free(blocks[order[i]]);
	}
}

/* A ring with one producer and one consumer, as the Java side has it. */
struct ring {
	_Alignas(64) atomic_long head;
	_Alignas(64) atomic_long tail;
	_Alignas(64) void *slots[RING];
	long count;
};

static inline void rest(void)
{
	__builtin_ia32_pause();
}

static void *consume(void *argument)
{
	struct ring *ring = argument;

	for (long i = 0; i < ring->count; i++) {
		while (atomic_load_explicit(&ring->head, memory_order_acquire) == i)
			rest();
		free(ring->slots[i % RING]);
		atomic_store_explicit(&ring->tail, i + 1, memory_order_release);
	}
	return NULL;
}

/* This thread allocates count blocks, another frees them. 0, or an error of pthread_create. */
int alloc_remote(long bytes, long count)
{
	struct ring *ring = aligned_alloc(64, sizeof(*ring));
	pthread_t consumer;
	int error;

	if (!ring)
		return -1;
	memset(ring, 0, sizeof(*ring));
	ring->count = count;
	error = pthread_create(&consumer, NULL, consume, ring);
	if (!error) {
		for (long i = 0; i < count; i++) {
			void *block = malloc(bytes);

			used(block);
			while (i - atomic_load_explicit(&ring->tail, memory_order_acquire) == RING)
				rest();
			ring->slots[i % RING] = block;
			atomic_store_explicit(&ring->head, i + 1, memory_order_release);
		}
		pthread_join(consumer, NULL);
	}
	free(ring);
	return error;
}

/* Clears blocks of a buffer one after the other, from offset on, round and round. */
long alloc_clear(char *buffer, long buffer_bytes, long bytes, long blocks, long offset)
{
	for (long i = 0; i < blocks; i++) {
		memset(buffer + offset, 0, bytes);
		used(buffer);
		offset = (offset + bytes) & (buffer_bytes - 1);
	}
	return offset;
}
