# The leader dies with a reconfiguration that it alone has logged. Whoever leads next knows nothing
# of it, and the old leader forgets it when it comes back.
ensemble 3 reconfig leader=3
c1 at 3
until connected c1
cut 3>1
cut 3>2
c1 reconfig remove 1
until durable 3 1|2
crash 3
heal
until leader 2
c2 at 2
until connected c2
c2 create /after ""
until answered c2
start 3
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
3: committed 1|1 by 1,3
2: logged 1|1, acked
c1: session open
3: proposed 1|2 reconfig, members 1|2 proposed: 2,3
3: logged 1|2
3: fell
c1: connection lost
1: serves no longer, LOOKING
2: serves no longer, LOOKING
1: elected (2, 1|1, 1) in round 2, FOLLOWING 2
2: elected (2, 1|1, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|1 and 0 more for 1
1: current epoch 2
2: epoch 2 established, committed 1|1 by 1,2
2: serves
2: proposed 2|1 createSession 10000 ms
1: serves
2: logged 2|1
1: logged 2|1, acked
2: committed 2|1 by 1,2
c2: session open
2: proposed 2|2 create /after
2: logged 2|2
1: logged 2|2, acked
2: committed 2|2 by 1,2
c2: create /after "": /after
3: started, LOOKING
3: elected (2, 1|1, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans SNAP 2|2 and 0 more for 3
3: current epoch 2, installed the snapshot 2|2
3: members 1|0 in force: 1,2,3, current epoch 2
3: logged 2|2
3: serves
holds: agreement, total order, primary order, durability
