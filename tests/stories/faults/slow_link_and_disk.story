# Jitter in one direction and a slow disk: the quorum is 2 and 3, and 1 comes after.
ensemble 3 seed=3 leader=3
link 3>1 40ms..80ms
disk 1 slow 300ms
c1 at 3
c1 create /a "x"
until answered c1
expect not durable 1 1|2
until settled
disk 1 normal
link 3>1 normal
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
1: logged 1|1, acked
1: logged 1|2, acked
holds: agreement, total order, primary order, durability
