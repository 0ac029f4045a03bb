# What 3 logged alone lies in an epoch that has ended: nobody can say where to cut, so the whole tree is sent.
ensemble 3 seed=10 leader=3
c1 at 3
c1 create /a "1"
until settled
partition 1,2 / 3
c1 set /a "never decided"
until durable 3 1|3
crash 3
until leader 2
c2 at 2
c2 create /b "2"
until answered c2
heal
start 3
until settled
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
3: committed 1|1 by 2,3
c1: session open
1: logged 1|1, acked
3: proposed 1|2 create /a
2: logged 1|2, acked
3: logged 1|2
3: committed 1|2 by 2,3
1: logged 1|2, acked
c1: create /a "1": /a
3: proposed 1|3 setData /a
3: logged 1|3
3: fell
c1: connection lost
2: serves no longer, LOOKING
1: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
2: proposed 2|1 createSession 10000 ms
2: logged 2|1
1: logged 2|1, acked
2: committed 2|1 by 1,2
2: proposed 2|2 create /b
c2: session open
2: logged 2|2
1: logged 2|2, acked
2: committed 2|2 by 1,2
c2: create /b "2": /b
3: started, LOOKING
3: elected (2, 1|2, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans SNAP 2|2 and 0 more for 3
3: current epoch 2, installed the snapshot 2|2
3: current epoch 2
3: logged 2|2
3: serves
holds: agreement, total order, primary order, durability
