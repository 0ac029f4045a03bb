# Two servers still have the old file of three, and three have the new one of five: each side finds
# a majority of its own list, and there are two leaders.
ensemble 5 seed=6 down
zoo.cfg 1 "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/d\nclientPort=2181\nserver.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888"
zoo.cfg 2 "tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/d\nclientPort=2181\nserver.1=zk1:2888:3888\nserver.2=zk2:2888:3888\nserver.3=zk3:2888:3888"
start 1
start 2
until leader 2
start 3
start 4
start 5
until leader 5
expect leader 2
c1 at 1
c1 create /a "x"
c2 at 4
c2 create /b "y"
until broken agreement
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
3: started, LOOKING
4: started, LOOKING
5: started, LOOKING
1: serves
5: elected (5, 0|0, 0) in round 1, LEADING
3: elected (5, 0|0, 0) in round 1, FOLLOWING 5
4: elected (5, 0|0, 0) in round 1, FOLLOWING 5
5: accepted epoch 1
4: accepted epoch 1
3: accepted epoch 1
5: current epoch 1, plans DIFF 0|0 and 0 more for 3, plans DIFF 0|0 and 0 more for 4
3: current epoch 1
4: current epoch 1
5: epoch 1 established
5: serves
3: serves
4: serves
2: proposed 1|1 createSession 10000 ms
1: logged 1|1, acked
2: logged 1|1
2: committed 1|1 by 1,2
c1: session open
2: proposed 1|2 create /a
2: logged 1|2
1: logged 1|2, acked
2: committed 1|2 by 1,2
c1: create /a "x": /a
5: proposed 1|1 createSession 10000 ms
5: logged 1|1
3: logged 1|1, acked
4: logged 1|1, acked
5: committed 1|1 by 3,4,5
breaks: agreement: 5 delivered 1|1 as createSession 10000 ms, others as createSession 10000 ms
breaks: primary order: 5 proposed 1|1 in the epoch of 2
breaks: durability: 1|1 is decided, but durable only at 1,2
holds: total order
