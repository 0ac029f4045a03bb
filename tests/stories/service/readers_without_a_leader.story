# A server that may serve readers without a leader does so when it has looked for one for a tick,
# and ends that as soon as a leader is elected.
ensemble 3 seed=4 down
zoo.cfg 1 "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/d\nclientPort=2181\nreadonlymode.enabled=true\nserver.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888"
start 1
wait 3s
start 2
until leader 2
until serving
----
1: started, LOOKING
1: serves readers without a leader
2: started, LOOKING
1: elected (2, 0|0, 0) in round 1, serves no readers any more, FOLLOWING 2
2: elected (2, 0|0, 0) in round 1, LEADING
2: accepted epoch 1
1: accepted epoch 1
2: current epoch 1, plans DIFF 0|0 and 0 more for 1
1: current epoch 1
2: epoch 1 established
2: serves
1: serves
holds: agreement, total order, primary order, durability
