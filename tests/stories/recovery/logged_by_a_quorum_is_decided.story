# The leader fell before it could count: what a quorum has logged is decided all the same.
ensemble 3 seed=18 leader=3
c1 at 3
c1 create /a "x"
until sent ACK 2>3 1|2
crash 3
until settled
c2 at 1
c2 get /a
until answered c2
start 3
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
1: logged 1|1, acked
3: committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
2: logged 1|2, acked
3: fell
2: serves no longer, LOOKING
c1: connection lost
1: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established, committed 1|2 by 1,2
2: serves
1: serves
2: proposed 2|1 createSession 10000 ms
1: logged 2|1, acked
2: logged 2|1
2: committed 2|1 by 1,2
c2: session open
c2: get /a: "x" version 0
3: started, LOOKING
3: elected (2, 1|2, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans DIFF 2|1 and 1 more for 3
3: current epoch 2
3: logged 2|1
3: serves
holds: agreement, total order, primary order, durability
