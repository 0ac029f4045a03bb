# Three equal servers start: the highest id wins, since nothing else tells them apart.
ensemble 3
until settled
expect leader 3
----
1: started, LOOKING
2: started, LOOKING
3: started, LOOKING
1: elected (3, 0|0, 0) in round 1, FOLLOWING 3
3: elected (3, 0|0, 0) in round 1, LEADING
2: elected (3, 0|0, 0) in round 1, FOLLOWING 3
3: accepted epoch 1
2: accepted epoch 1
1: accepted epoch 1
3: current epoch 1, plans DIFF 0|0 and 0 more for 2
3: plans DIFF 0|0 and 0 more for 1
2: current epoch 1
1: current epoch 1
3: epoch 1 established
3: serves
2: serves
1: serves
holds: agreement, total order, primary order, durability
