# The last of three looks for others and answers nobody; with a second one the service is back.
ensemble 3 seed=6 leader=3
c1 at 3
c1 create /a "1"
until settled
crash 1
crash 2
until role 3 LOOKING within 30s
wait 1s
expect not serves 3
start 1
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
2: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /a "1": /a
1: fell
2: fell
3: serves no longer, LOOKING
c1: connection lost
1: started, LOOKING
1: elected (3, 1|2, 1) in round 2, FOLLOWING 3
3: elected (3, 1|2, 1) in round 2, LEADING
3: accepted epoch 2
1: accepted epoch 2
3: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
3: epoch 2 established
3: serves
1: serves
holds: agreement, total order, primary order, durability
