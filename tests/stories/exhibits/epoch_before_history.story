# ZOOKEEPER-4643: the follower writes currentEpoch before the entries it was brought, and crashes in between. Its high epoch wins the next election, and a committed entry is truncated.
ensemble 3 seed=5 tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000 torn epoch_before_history leader=3
c1 at 3
until connected c1
until settled
cut 3>1
c1 create /a "x"
until answered c1
crash 3
heal
until delivered PROPOSAL 2>1 1|2
crash 1
crash 2
start 1
start 3
until broken durability
----
3: proposed 1|1 createSession 500 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
3: fell
2: serves no longer, LOOKING
c1: connection lost
1: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 1 more for 1
1: current epoch 2
1: fell; lost 1|2
2: fell
1: started, LOOKING
3: started, LOOKING
3: elected (1, 1|1, 2) in round 1, FOLLOWING 1
1: elected (1, 1|1, 2) in round 1, LEADING
1: accepted epoch 3
3: accepted epoch 3
1: current epoch 3, plans TRUNC 1|1 and 0 more for 3
3: truncated to 1|1
breaks: durability: 1|2 is decided, but durable only at 2
holds: agreement, total order, primary order
