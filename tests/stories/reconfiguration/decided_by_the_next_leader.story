# The leader dies when a quorum has logged a reconfiguration and nobody has heard that it is decided.
# Whoever leads next completes it.
ensemble 5 reconfig leader=5
c1 at 5
until connected c1
c1 reconfig remove 1
until durable 4 1|2
crash 5
until settled
expect leader 4
c2 at 4
until connected c2
c2 create /after ""
until answered c2
----
5: proposed 1|1 createSession 10000 ms
3: logged 1|1, acked
4: logged 1|1, acked
5: logged 1|1
1: logged 1|1, acked
5: committed 1|1 by 3,4,5
2: logged 1|1, acked
c1: session open
5: proposed 1|2 reconfig, members 1|2 proposed: 2,3,4,5
4: members 1|2 proposed: 2,3,4,5
1: members 1|2 proposed: 2,3,4,5
2: members 1|2 proposed: 2,3,4,5
3: members 1|2 proposed: 2,3,4,5
2: logged 1|2, acked
4: logged 1|2, acked
5: fell; lost 1|2
1: logged 1|2, acked
2: serves no longer, LOOKING
3: serves no longer, LOOKING
c1: connection lost
1: serves no longer, LOOKING
4: serves no longer, LOOKING
3: logged 1|2
2: elected (4, 1|2, 1) in round 2, FOLLOWING 4
1: elected (4, 1|2, 1) in round 2, FOLLOWING 4
4: elected (4, 1|2, 1) in round 2, LEADING
3: elected (4, 1|2, 1) in round 2, FOLLOWING 4
4: accepted epoch 2
1: accepted epoch 2
3: accepted epoch 2
2: accepted epoch 2
4: current epoch 2, plans DIFF 1|2 and 0 more for 2, plans DIFF 1|2 and 0 more for 3
4: plans DIFF 1|2 and 0 more for 1
3: current epoch 2
1: current epoch 2
2: current epoch 2
4: epoch 2 established, members 1|2 in force: 2,3,4,5, committed 1|2 by 1,2,3,4
4: serves
2: members 1|2 in force: 2,3,4,5, serves
3: members 1|2 in force: 2,3,4,5, serves
1: members 1|2 in force: 2,3,4,5, serves
4: proposed 2|1 createSession 10000 ms
4: logged 2|1
2: logged 2|1, acked
3: logged 2|1, acked
1: logged 2|1, acked
4: committed 2|1 by 2,3,4
c2: session open
4: proposed 2|2 create /after
4: logged 2|2
2: logged 2|2, acked
3: logged 2|2, acked
1: logged 2|2, acked
4: committed 2|2 by 2,3,4
c2: create /after "": /after
holds: agreement, total order, primary order, durability
