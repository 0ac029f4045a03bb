# A connection that breaks takes with it what was on its way. When it is made again with nothing new to say, QuorumCnxManager sends the last notification once more, and the election goes on at once.
ensemble 3 seed=8
until sent NOTIFICATION 3>1
drop 3>1 election 1
until sent NOTIFICATION 3>1 within 100ms
until delivered NOTIFICATION 3>1 within 100ms
until serving
----
1: started, LOOKING
2: started, LOOKING
3: started, LOOKING
3: elected (3, 0|0, 0) in round 1, LEADING
1: elected (3, 0|0, 0) in round 1, FOLLOWING 3
2: elected (3, 0|0, 0) in round 1, FOLLOWING 3
3: accepted epoch 1
1: accepted epoch 1
2: accepted epoch 1
3: current epoch 1, plans DIFF 0|0 and 0 more for 1
1: current epoch 1
3: plans DIFF 0|0 and 0 more for 2
2: current epoch 1
3: epoch 1 established
3: serves
1: serves
holds: agreement, total order, primary order, durability
