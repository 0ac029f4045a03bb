# Half of all segments are lost from 3 to 1. TCP sends again: all arrives in order, only late.
ensemble 3 seed=3 leader=3
link 3>1 loss 50%
c1 at 3
c1 create /a "x"
until answered c1
until settled within 60s
expect applied 1 1|2
link 3>1 normal
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
1: logged 1|1, acked
1: logged 1|2, acked
holds: agreement, total order, primary order, durability
