# Server 3 weighs nothing: it is never elected and never counted, though it has the largest id.
ensemble 3 seed=4 members "server.1=a:1:2:participant,server.2=b:1:2:participant,server.3=c:1:2:participant,group.1=1:2:3,weight.1=1,weight.2=1,weight.3=0" down
start 1
start 3
wait 2s
expect role 1 LOOKING
start 2
until leader 2
until serves 3
----
1: started, LOOKING
3: started, LOOKING
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
3: elected (2, 0|0, 1) in round 1, FOLLOWING 2
3: accepted epoch 1
2: plans DIFF 0|0 and 0 more for 3
3: current epoch 1
3: serves
holds: agreement, total order, primary order, durability
