# ZOOKEEPER-2845: 1 has the entry in its log but not yet in its tree, keeps its database when it loses its leader, and votes as if it had never logged it.
ensemble 3 seed=17 tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000 keeps_database_on_role_loss leader=3
c1 at 3
until connected c1
until settled
cut 3>2
c1 create /a "x"
until delivered PROPOSAL 3>1 1|2
cut 3>1
until answered c1
crash 3
until broken durability
----
3: proposed 1|1 createSession 500 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
c1: create /a "x": /a
3: fell
c1: connection lost
2: serves no longer, LOOKING
1: serves no longer, LOOKING
1: elected (2, 1|1, 1) in round 2, FOLLOWING 2
2: elected (2, 1|1, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|1 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
breaks: durability: 2 begins to lead without 1|2
holds: agreement, total order, primary order
