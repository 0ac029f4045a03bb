# 1 no longer hears the leader, but the leader hears 1: each end finds out in its own time.
ensemble 3 seed=5 leader=3
cut 3>1
until role 1 LOOKING within 30s
expect leader 3
heal
until settled
----
1: serves no longer, LOOKING
1: elected (3, 0|0, 1) in round 1, FOLLOWING 3
3: plans DIFF 0|0 and 0 more for 1
1: current epoch 1
1: serves
holds: agreement, total order, primary order, durability
