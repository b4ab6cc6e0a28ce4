package dev.memdesc.core.fragment;

import dev.memdesc.api.Failures;
import dev.memdesc.api.Hex;
import dev.memdesc.api.PageTableException;
import dev.memdesc.api.Reason;
import dev.memdesc.api.memory.FragmentCounts;
import dev.memdesc.api.memory.FragmentHandle;
import dev.memdesc.api.memory.FragmentLayout;
import dev.memdesc.api.memory.FragmentPool;
import dev.memdesc.api.memory.PageAllocator;
import dev.memdesc.api.rcu.Rcu;
import dev.memdesc.core.descriptor.DescriptorMap;
import dev.memdesc.core.memory.MemoryWait;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fragment pool for any number of fragments a page.
 *
 * <p><b>States.</b> A page is held by a thread that allocates from it, or it has no free fragment
 * and is on no list, or it has some and is on the list of its place, or all of its fragments are
 * free and it goes back to the page allocator. {@link PageLists#place} tells the last three apart
 * by the count in the page's word, and {@link #settle} is the only way to change that count while
 * the page is not held: if the place changes, the word changes under the lists' lock, together with
 * the list. So exactly one thread sees the step to "all free", and nobody can find the page after
 * it.
 *
 * <p><b>Holding.</b> Only the holder hands fragments out, from a mask of its own, without atomic
 * steps. What others give back goes to a shared mask, with the bit before the count; the holder
 * takes it over when its own mask is empty. A page that is held is never released, so this path
 * does not race with the release.
 *
 * <p><b>Deferring.</b> A fragment counts as pending before its bit is in NEXT. Whoever makes the
 * page's first pending fragment moves NEXT to CURRENT and asks for a grace period. Its callback
 * gives CURRENT back and, in the same step that makes those fragments free, takes them off pending;
 * if others are pending then, it moves NEXT to CURRENT and asks again. Hence one head per page, and
 * every fragment waits for a grace period that began after it was given back.
 *
 * <p><b>Lifetime.</b> Pages know their pool, not the other way round, so a pool that is closed
 * lives on until its last fragment is free.
 *
 * <p>Over 400 lines in one file, because the steps between these states are only right together: a
 * reader checks each against all others.
 */
public class MaskedFragmentPool implements FragmentPool {
  private final FragmentLayout layout;
  private final PageAllocator allocator;
  private final DescriptorMap descriptors;
  private final Rcu rcu;
  private final MemoryWait memoryWait;
  private final @Nullable PageContents contents;
  private final int fragmentBytes;
  private final int fragments;
  private final long pageBytes;
  // log2 of fragmentBytes, or -1 if that is no power of two.
  private final int fragmentLg2;
  private final int frameLg2;
  private final PageHandle anyThread;
  // Its lock guards the lists and the fields below.
  final PageLists lists;
  private final List<PageHandle> handles = new ArrayList<>();
  private @Nullable Page unused;
  private int pages;
  // Written once, before close takes the locks. Plain: another thread's allocation may come before
  // the close as long as its own page lasts, and an ordered read costs as much as the rest of it.
  private boolean closed;

  /**
   * An empty pool.
   *
   * @throws PageTableException with {@link Reason#INCONSISTENT} if the fragments do not fit a page
   */
  public static FragmentPool create(FragmentParts parts, FragmentLayout layout) {
    return new MaskedFragmentPool(parts, layout);
  }

  MaskedFragmentPool(FragmentParts parts, FragmentLayout layout) {
    this.layout = layout;
    this.allocator = parts.allocator();
    this.descriptors = parts.descriptors();
    this.rcu = parts.rcu();
    this.memoryWait = parts.memoryWait();
    this.frameLg2 = parts.memory().frameLg2();
    this.fragmentBytes = layout.fragmentBytes();
    this.fragments = layout.fragments();
    this.fragmentLg2 =
        Integer.bitCount(fragmentBytes) == 1 ? Integer.numberOfTrailingZeros(fragmentBytes) : -1;
    this.pageBytes = 1L << layout.pageOrder() << frameLg2;
    if ((long) fragmentBytes * fragments > pageBytes) {
      throw PageTableException.because(Reason.INCONSISTENT, "all fragments fit the page")
          .with("fragmentBytes", fragmentBytes)
          .with("fragments", fragments)
          .with("pageBytes", pageBytes)
          .build();
    }
    FragmentLayout.Contents filled = layout.contents();
    this.contents = filled == null ? null : new PageContents(parts.memory(), layout, filled);
    this.lists = new PageLists(layout);
    this.anyThread = new PageHandle(this, null);
  }

  @Override
  public final FragmentLayout layout() {
    return layout;
  }

  @Override
  public final FragmentHandle register() {
    return register(new PageHandle(this, Thread.currentThread()));
  }

  final PageHandle register(PageHandle handle) {
    synchronized (lists) {
      checkOpen();
      handles.add(handle);
    }
    return handle;
  }

  @Override
  public final long allocate() {
    try {
      return tryAllocate();
    } catch (PageTableException e) {
      return memoryWait.again(e, this::tryAllocate);
    }
  }

  /** The same, but it never waits: for who holds locks. */
  final long tryAllocate() {
    synchronized (anyThread) {
      return anyThread.tryAllocate();
    }
  }

  /** What a thread does that found no memory. */
  final MemoryWait memoryWait() {
    return memoryWait;
  }

  /** Bytes of a page. */
  final long pageBytes() {
    return pageBytes;
  }

  @Override
  public final void free(long pa) {
    Page page = pageOf(pa);
    giveBack(page, indexOf(page, pa), pa, true);
  }

  @Override
  public final void freeEmpty(long pa) {
    Page page = pageOf(pa);
    giveBack(page, indexOf(page, pa), pa, false);
  }

  @Override
  public final void freeDeferred(long pa) {
    defer(pa, true);
  }

  @Override
  public final void freeEmptyDeferred(long pa) {
    defer(pa, false);
  }

  // Finding a fragment.

  /** The page of this pool that a pa lies in. */
  final Page pageOf(long pa) {
    if (descriptors.get(pa) instanceof Page page && isMine(page)) {
      return page;
    }
    Object found = descriptors.get(pa);
    throw PageTableException.because(
            Reason.FOREIGN, "a fragment that is given back lies in a page of this pool")
        .hex("pa", pa)
        .with("found", found == null ? "nothing" : found)
        .with("needed", "a page of this pool")
        .build();
  }

  @SuppressWarnings("ReferenceEquality") // pools are told apart by identity
  private boolean isMine(Page page) {
    return page.pool() == this;
  }

  /** The node that the memory at a pa belongs to. */
  final int nodeOf(long pa) {
    return allocator.nodeOf(pa);
  }

  /** Whether a pa lies in a page, which the caller has. */
  final boolean isInside(Page page, long pa) {
    return Long.compareUnsigned(pa - page.pa(), pageBytes) < 0;
  }

  /** The index of the fragment that begins at a pa of the page. */
  final int indexOf(Page page, long pa) {
    int offset = (int) (pa - page.pa());
    int index = fragmentLg2 >= 0 ? offset >>> fragmentLg2 : offset / fragmentBytes;
    if (index * fragmentBytes != offset || index >= fragments) {
      throw notFirstByte(page, pa, index);
    }
    return index;
  }

  private PageTableException notFirstByte(Page page, long pa, int index) {
    boolean rest = index >= fragments;
    PageTableException.Builder e =
        PageTableException.because(
                Reason.MISALIGNED, "a fragment is given back by the pa of its first byte")
            .hex("pa", pa)
            .with("found", rest ? "the rest of a page" : "the middle of a fragment")
            .with("needed", "the first byte of one")
            .hex("page", page.pa())
            .with("fragmentBytes", fragmentBytes)
            .with("fragments", fragments);
    if (!rest) {
      e.hint("this one begins at " + Hex.of(page.pa() + (long) index * fragmentBytes));
    }
    return e.build();
  }

  // Handing out.

  /** Prepares a fragment that its holder took out of its mask; its pa. */
  final long issue(Page page, int index) {
    long pa = page.pa() + (long) index * fragmentBytes;
    if (contents != null) {
      try {
        contents.prepare(page, index, pa);
      } catch (RuntimeException | Error e) {
        // Memory that was closed meanwhile, or a check that failed: the fragment is not lost.
        page.putOwn(Page.wordOf(index), Page.bitOf(index));
        throw e;
      }
    }
    return pa;
  }

  /** Makes a page the caller's: one of the lists, or a new one. It has free fragments. */
  final Page hold() {
    while (true) {
      Page page;
      boolean listed;
      PageHandle dead = null;
      synchronized (lists) {
        page = lists.first();
        listed = page != null;
        if (page != null) {
          takeListed(page);
        } else {
          dead = takeAbandoned();
          if (dead == null) {
            pages++;
            page = unused;
            unused = page == null ? null : page.next;
          }
        }
      }
      if (dead != null) {
        dead.letGo();
      } else if (page != null && listed) {
        collect(page);
        return page;
      } else {
        return newPage(page);
      }
    }
  }

  /** Under the lists' lock. */
  private void takeListed(Page page) {
    lists.remove(page);
    // Acquires what the last holder wrote; those fragments are the new holder's.
    long word;
    do {
      word = page.word();
    } while (!page.changeWord(word, (word | Page.HELD) - page.countOwn() * Page.FREE));
  }

  /** Takes over what others gave back to a page that the caller holds; how many. */
  final int collect(Page page) {
    int count = 0;
    for (int w = 0; w < page.words(); w++) {
      long bits = page.takeBits(Page.SHARED, w);
      if (bits != 0) {
        page.putOwn(w, bits);
        count += Long.bitCount(bits);
      }
    }
    if (count > 0) {
      page.addWord(-count * Page.FREE);
    }
    return count;
  }

  /**
   * A page with new memory, held and counted already.
   *
   * @param recycled one that had memory before, or null
   */
  private Page newPage(@Nullable Page recycled) {
    Page page = recycled;
    long pa = -1;
    try {
      if (page == null) {
        page = new Page(this, fragmentBytes, fragments, tables());
      }
      page.next = null;
      pa = allocator.allocate(layout.pageOrder(), layout.node(), layout.paLimit());
      page.reset(pa, fragments, contents != null);
      describe(pa, page);
      return page;
    } catch (RuntimeException | Error e) {
      if (pa != -1) {
        long lost = pa;
        describe(pa, null);
        var _ = Failures.after(e, () -> allocator.free(lost, layout.pageOrder()));
      }
      forget(page);
      throw e;
    }
  }

  /** A page is without memory; its object may be used again. */
  private void forget(@Nullable Page page) {
    synchronized (lists) {
      pages--;
      if (page != null) {
        page.next = unused;
        unused = page;
      }
    }
  }

  /** How many fragments of a page have a table descriptor: all or none. */
  int tables() {
    return 0;
  }

  private void describe(long pa, @Nullable Page page) {
    for (int frame = 0; frame < 1 << layout.pageOrder(); frame++) {
      descriptors.set(pa + ((long) frame << frameLg2), page);
    }
  }

  // Taking back.

  /** Takes back a fragment that nobody can see, past the page's holder. */
  final void giveBack(Page page, int index, long pa, boolean dirty) {
    page.checkOut(index, pa);
    int w = Page.wordOf(index);
    long bit = Page.bitOf(index);
    if (dirty) {
      markDirty(page, index);
    }
    if ((page.setBits(Page.SHARED, w, bit) & bit) != 0) {
      throw Page.notOut(pa, "free");
    }
    settle(page, Page.FREE);
  }

  /** Notes that a fragment does not hold what the layout says, before it can be handed out. */
  final void markDirty(Page page, int index) {
    if (contents != null) {
      page.setBits(Page.DIRTY, Page.wordOf(index), Page.bitOf(index));
    }
  }

  private void defer(long pa, boolean dirty) {
    Page page = pageOf(pa);
    defer(page, indexOf(page, pa), pa, dirty);
  }

  final void defer(Page page, int index, long pa, boolean dirty) {
    page.checkOut(index, pa);
    if (dirty) {
      markDirty(page, index);
    }
    int w = Page.wordOf(index);
    long bit = Page.bitOf(index);
    long before = page.addWord(Page.PENDING);
    if ((page.setBits(Page.NEXT, w, bit) & bit) != 0) {
      page.addWord(-Page.PENDING);
      throw Page.notOut(pa, "waiting");
    }
    if (Page.pendingOf(before) == 0) {
      try {
        waitForNext(page);
      } catch (RuntimeException | Error e) {
        // Refused. Others that came meanwhile were promised a callback; RCU is closed for them too.
        page.clearBits(Page.CURRENT, w, bit);
        page.addWord(-Page.PENDING);
        throw e;
      }
    }
  }

  /** Asks for the grace period that the fragments in NEXT wait for. One thread at a time does. */
  void waitForNext(Page page) {
    for (int w = 0; w < page.words(); w++) {
      page.storeBits(Page.CURRENT, w, page.takeBits(Page.NEXT, w));
    }
    rcu.call(page.head());
  }

  /** The grace period that CURRENT waited for is over. */
  final void reclaim(Page page) {
    int count = 0;
    for (int w = 0; w < page.words(); w++) {
      long bits = over(page, w);
      if (bits != 0) {
        reclaimed(page, w, bits);
        // First not waiting, then free: the holder may hand it out and get it back at once.
        page.storeBits(Page.CURRENT, w, 0);
        page.setBits(Page.SHARED, w, bits);
        count += Long.bitCount(bits);
      }
    }
    afterReclaim(page, count);
  }

  /** The fragments of one word whose grace period is over. */
  long over(Page page, int w) {
    return page.mask(Page.CURRENT, w);
  }

  /** Fragments of one word of a mask are about to become free. */
  void reclaimed(Page page, int w, long bits) {}

  /** One step makes the fragments free and not pending: whoever sees both may release the page. */
  void afterReclaim(Page page, int count) {
    long now = settle(page, count * (Page.FREE - Page.PENDING));
    if (Page.pendingOf(now) > 0) {
      waitForNext(page);
    }
  }

  /**
   * Changes the counts of a page. If it is not held and its place changes, so does its list; with
   * the last fragment the page is released. Nothing may be done to the page afterwards, unless some
   * of its fragments are known to be pending.
   *
   * @return the word after the step
   */
  long settle(Page page, long added) {
    while (true) {
      long word = page.word();
      long now = word + added;
      if (!Page.isHeld(word) && place(word) != place(now)) {
        return settleAndMove(page, added);
      }
      if (page.changeWord(word, now)) {
        return now;
      }
    }
  }

  private long settleAndMove(Page page, long added) {
    long now;
    synchronized (lists) {
      long word;
      do {
        word = page.word();
        now = word + added;
      } while (!page.changeWord(word, now));
      if (Page.isHeld(now)) {
        return now;
      }
      lists.move(page, place(now));
    }
    if (place(now) == PageLists.GONE) {
      release(page);
    }
    return now;
  }

  /** Where a page with that word belongs, if it is not held. */
  int place(long word) {
    return lists.place(Page.freeOf(word));
  }

  /**
   * Lets go a page whose holder has no free fragment left.
   *
   * @return false if the page is still held: there is something to collect
   */
  final boolean letGoUsed(Page page) {
    while (true) {
      long word = page.word();
      if (Page.freeOf(word) > 0) {
        return false;
      }
      // No free fragment: the page's place is none, before and after.
      if (page.changeWord(word, word & ~Page.HELD)) {
        return true;
      }
    }
  }

  /**
   * Lets go a page with the free fragments that its holder has.
   *
   * @return whether all of them are free: the page is given back
   */
  final boolean letGo(Page page) {
    long now;
    synchronized (lists) {
      long word;
      do {
        word = page.word();
        now = (word & ~Page.HELD) + page.countOwn() * Page.FREE;
      } while (!page.changeWord(word, now));
      lists.move(page, place(now));
    }
    boolean gone = place(now) == PageLists.GONE;
    if (gone) {
      release(page);
    }
    return gone;
  }

  /** Gives a page back of which nobody knows a fragment. */
  final void release(Page page) {
    long pa = page.pa();
    try {
      describe(pa, null);
      allocator.free(pa, layout.pageOrder());
    } finally {
      // Also if a plugin's allocator does not take it.
      forget(page);
    }
  }

  // Owners and threads that go away.

  /** Gives back the pages of threads that ended without closing their handles. */
  private boolean reap() {
    Trim trim = new Trim();
    while (true) {
      PageHandle dead;
      synchronized (lists) {
        dead = takeAbandoned();
      }
      if (dead == null) {
        return trim.finish();
      }
      trim.also(dead::letGo);
    }
  }

  /** A handle whose thread ended, or null. Under the lists' lock. */
  private @Nullable PageHandle takeAbandoned() {
    for (int i = handles.size() - 1; i >= 0; i--) {
      if (handles.get(i).isAbandoned()) {
        return handles.remove(i);
      }
    }
    return null;
  }

  final void unregister(PageHandle handle) {
    synchronized (lists) {
      handles.remove(handle);
    }
  }

  @Override
  public final void trim() {
    tryTrim();
  }

  /** The same; whether a page was given back. */
  final boolean tryTrim() {
    Trim trim = new Trim();
    trim.also(this::reap);
    trim.also(this::letGoShared);
    return trim.finish();
  }

  private boolean letGoShared() {
    synchronized (anyThread) {
      return anyThread.letGo();
    }
  }

  @Override
  public final void close() {
    closed = true;
    trim();
  }

  final boolean isClosed() {
    return closed;
  }

  final void checkOpen() {
    if (closed) {
      throw PageTableException.because(Reason.CLOSED, "fragments come from a pool that is open")
          .with("state", "closed")
          .with("needed", "open")
          .build();
    }
  }

  @Override
  public final FragmentCounts counts() {
    synchronized (lists) {
      int held = anyThread.holds() ? 1 : 0;
      for (PageHandle handle : handles) {
        held += handle.holds() ? 1 : 0;
      }
      return new FragmentCounts(pages, pages * pageBytes, held, lists.pages());
    }
  }
}
