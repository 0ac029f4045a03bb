# A replaced disk is a promise forgotten: with two of three empty, what was decided is gone.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "x"
until answered c1
until settled
crash 1
crash 2
disk 1 wiped
disk 2 wiped
until broken durability
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
1: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c1: create /a "x": /a
1: fell
2: fell
breaks: durability: 1|2 is decided, but durable only at 3
breaks: epochs: acceptedEpoch of 1 goes back from 1 to 0
holds: agreement, total order, primary order
