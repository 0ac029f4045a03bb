# The leader no longer has the log that an empty server would need: it sends the whole tree.
ensemble 3 seed=11 purge
until settled
crash 1
c1 at 3
until connected c1
c1 create /a "1"
c1 create /b "2"
until answered c1
snapshot 3
snapshot 2
crash 2
crash 3
start 2
start 3
until leader 3
start 1
until settled
----
1: started, LOOKING
2: started, LOOKING
3: started, LOOKING
1: elected (3, 0|0, 0) in round 1, FOLLOWING 3
2: elected (3, 0|0, 0) in round 1, FOLLOWING 3
3: elected (3, 0|0, 0) in round 1, LEADING
3: accepted epoch 1
2: accepted epoch 1
3: current epoch 1, plans DIFF 0|0 and 0 more for 2
2: current epoch 1
3: epoch 1 established
3: serves
2: serves
1: accepted epoch 1
3: plans DIFF 0|0 and 0 more for 1
1: current epoch 1
1: serves
1: fell
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: proposed 1|3 create /b
3: logged 1|2
2: logged 1|2, acked
2: logged 1|3, acked
3: committed 1|2 by 2,3
3: logged 1|3
3: committed 1|3 by 2,3
c1: create /a "1": /a
c1: create /b "2": /b
2: fell
3: fell
2: started, LOOKING
3: started, LOOKING
c1: connection lost
2: elected (3, 1|3, 1) in round 1, FOLLOWING 3
3: elected (3, 1|3, 1) in round 1, LEADING
3: accepted epoch 2
2: accepted epoch 2
3: current epoch 2, plans DIFF 1|3 and 0 more for 2
2: current epoch 2
3: epoch 2 established
3: serves
1: started, LOOKING
2: serves
1: elected (3, 1|3, 2) in round 1, FOLLOWING 3
1: accepted epoch 2
3: plans SNAP 2|0 and 0 more for 1
1: installed the snapshot 1|3
1: current epoch 2
1: logged 1|3
1: serves
holds: agreement, total order, primary order, durability
