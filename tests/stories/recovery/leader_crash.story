# The leader falls, the others elect the one with the newest history, and nothing decided is lost.
ensemble 3 seed=8 leader=3
c1 at 1
until connected c1
c1 create /a "x"
until answered c1
crash 3
until leader 2
until connected c1
c1 get /a
until answered c1
start 3
until settled
expect role 3 FOLLOWING
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
1: logged 1|1, acked
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
1: logged 1|2, acked
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
3: fell
1: serves no longer, LOOKING
c1: connection lost
2: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
c1: session open
c1: get /a: "x" version 0
3: started, LOOKING
3: elected (2, 1|2, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans DIFF 1|2 and 0 more for 3
3: current epoch 2
3: serves
holds: agreement, total order, primary order, durability
