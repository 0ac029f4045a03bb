# A follower that fell before its sync is not counted: the others decide without it.
ensemble 3 seed=14 leader=3
disk 1 stalled
c1 at 3
until connected c1
c1 create /a "x"
until delivered PROPOSAL 1 1|2
crash 1
until answered c1
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
1: fell; lost 1|1 1|2
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
holds: agreement, total order, primary order, durability
