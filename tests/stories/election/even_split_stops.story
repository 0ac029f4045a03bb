# Half of four is no majority: split in the middle, an even ensemble serves nobody.
ensemble 4 seed=4 leader=4
partition 1,2 / 3,4
until role 4 LOOKING within 30s
wait 20s
expect not serving
heal
until settled
----
2: serves no longer, LOOKING
1: serves no longer, LOOKING
4: serves no longer, LOOKING
3: serves no longer, LOOKING
2: elected (4, 0|0, 1) in round 2, FOLLOWING 4
4: elected (4, 0|0, 1) in round 2, LEADING
3: elected (4, 0|0, 1) in round 2, FOLLOWING 4
1: elected (4, 0|0, 1) in round 2, FOLLOWING 4
4: accepted epoch 2
1: accepted epoch 2
3: accepted epoch 2
4: current epoch 2, plans DIFF 0|0 and 0 more for 1, plans DIFF 0|0 and 0 more for 3
3: current epoch 2
1: current epoch 2
4: epoch 2 established
4: serves
3: serves
1: serves
2: accepted epoch 2
4: plans DIFF 0|0 and 0 more for 2
2: current epoch 2
2: serves
holds: agreement, total order, primary order, durability
