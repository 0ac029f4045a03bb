# 1 no longer hears the leader, but the leader hears 1: each end finds out in its own time.
ensemble 3 seed=5 leader=3
cut 3>1
until role 1 LOOKING within 30s
expect leader 3
heal
until settled
----
1: serves no longer, LOOKING
holds: agreement, total order, primary order, durability
