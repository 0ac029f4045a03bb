# All fall at once; what was answered is on the disks of a quorum and comes back.
ensemble 3 seed=21 leader=3
c1 at 2
c1 create /a "x"
until answered c1
crash 1
crash 2
crash 3
start all
until settled
until connected c1
c1 get /a
until answered c1
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
1: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
2: logged 1|2, acked
1: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /a "x": /a
1: fell
2: fell
3: fell
1: started, LOOKING
2: started, LOOKING
3: started, LOOKING
c1: connection lost
2: elected (3, 1|2, 1) in round 1, FOLLOWING 3
1: elected (3, 1|2, 1) in round 1, FOLLOWING 3
3: elected (3, 1|2, 1) in round 1, LEADING
3: accepted epoch 2
2: accepted epoch 2
1: accepted epoch 2
3: current epoch 2, plans DIFF 1|2 and 0 more for 2
2: current epoch 2
3: plans DIFF 1|2 and 0 more for 1
1: current epoch 2
3: epoch 2 established, committed 1|2 by 2,3
3: serves
2: serves
1: serves
c1: session open
c1: get /a: "x" version 0
holds: agreement, total order, primary order, durability
