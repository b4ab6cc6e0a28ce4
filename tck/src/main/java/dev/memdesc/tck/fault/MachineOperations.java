package dev.memdesc.tck.fault;

import dev.memdesc.api.AddressSpace;
import dev.memdesc.api.Attributes;
import dev.memdesc.api.Gather;
import dev.memdesc.api.rcu.RcuBatch;
import java.util.ArrayList;
import java.util.List;

/** What is done to a machine and to its RCU, whatever it has address spaces for. */
final class MachineOperations {
  private MachineOperations() {}

  static List<Operation> all() {
    List<Operation> all = new ArrayList<>();
    all.add(
        Operation.of(
            "a new address space, a page, its end",
            Operation::nothing,
            site -> {
              try (AddressSpace other = site.memdesc().newAddressSpace("other");
                  Gather gather = other.gather()) {
                long frame = other.format().frameBytes();
                other.map(site.base(), 0, frame, Attributes.USER_DATA, gather);
              }
            }));
    all.add(
        Operation.of(
            "a new reader",
            Operation::nothing,
            site -> {
              try (var reader = site.memdesc().newReader()) {
                reader.enter();
                reader.exit();
              }
            }));
    all.add(
        Operation.of(
            "call after a grace period",
            Operation::nothing,
            site -> site.memdesc().rcu().call(site.head())));
    all.add(
        Operation.of(
            "defer values in a batch",
            Operation::nothing,
            site -> {
              try (RcuBatch batch = site.batch()) {
                for (int i = 1; i <= 3; i++) {
                  site.defer(batch, i);
                }
                batch.flush();
                site.defer(batch, 1);
              }
            }));
    all.add(
        Operation.of(
            "synchronize", Operation::nothing, site -> site.memdesc().rcu().synchronize()));
    all.add(
        Operation.of(
            "wait for callbacks",
            Operation::nothing,
            site -> {
              site.memdesc().rcu().call(site.head());
              site.memdesc().rcu().barrier();
            }));
    return all;
  }
}
