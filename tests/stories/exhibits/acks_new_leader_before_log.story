# ZOOKEEPER-4646: NEWLEADER is acknowledged before what was synchronised is on disk, so an epoch begins on a history that only its leader has.
ensemble 3 seed=17 tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000 acks_new_leader_before_log leader=3
c1 at 3
until connected c1
until settled
cut 3>1
cut 3>2
c1 create /a "x"
until durable 3 1|2
heal
drop 3-1 quorum
drop 3-2 quorum
until sent ACKEPOCH 2>3
disk 1 stalled
disk 2 stalled
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
1: serves no longer, LOOKING
2: serves no longer, LOOKING
3: serves no longer, LOOKING
c1: connection lost
1: elected (3, 1|2, 1) in round 2, FOLLOWING 3
3: elected (3, 1|2, 1) in round 2, LEADING
2: elected (3, 1|2, 1) in round 2, FOLLOWING 3
3: accepted epoch 2
1: accepted epoch 2
2: accepted epoch 2
3: current epoch 2, plans DIFF 1|2 and 1 more for 1
3: plans DIFF 1|2 and 1 more for 2
1: current epoch 2
3: epoch 2 established, committed 1|2 by 1,3
3: serves
breaks: durability: 1|2 is decided, but durable only at 3
breaks: acknowledgement: 1 acknowledges NEWLEADER of epoch 1 before it is on disk
holds: agreement, total order, primary order
