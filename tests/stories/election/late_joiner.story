# A server that comes late follows the leader that is there, though its own id is higher.
ensemble 3 seed=2 down
start 1
start 2
until settled
start 3
until settled
expect leader 2
expect role 3 FOLLOWING
----
1: started, LOOKING
2: started, LOOKING
1: elected (2, 0|0, 0) in round 1, FOLLOWING 2
2: elected (2, 0|0, 0) in round 1, LEADING
2: accepted epoch 1
1: accepted epoch 1
2: current epoch 1, plans DIFF 0|0 and 0 more for 1
1: current epoch 1
2: epoch 1 established
2: serves
1: serves
3: started, LOOKING
3: elected (2, 0|0, 1) in round 1, FOLLOWING 2
3: accepted epoch 1
2: plans DIFF 0|0 and 0 more for 3
3: current epoch 1
3: serves
holds: agreement, total order, primary order, durability
