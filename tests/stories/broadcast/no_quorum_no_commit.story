# A leader that has lost its quorum may log what it likes; nobody is told that it happened.
ensemble 3 seed=19 leader=3
c1 at 3
until connected c1
partition 3 / 1,2
c1 create /a "x"
until durable 3 1|2
wait 2s
expect not answered c1
until role 3 LOOKING within 30s
heal
until settled
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
1: serves no longer, LOOKING
2: serves no longer, LOOKING
1: elected (2, 1|1, 1) in round 2, FOLLOWING 2
2: elected (2, 1|1, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|1 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
3: serves no longer, LOOKING
c1: connection lost
3: elected (2, 1|1, 2) in round 2, FOLLOWING 2
3: accepted epoch 2
2: plans TRUNC 1|1 and 0 more for 3
3: truncated to 1|1
3: current epoch 2
3: serves
holds: agreement, total order, primary order, durability
