# ZOOKEEPER-335: which epoch was promised is forgotten in a crash. The next leader promises the same one again, and two leaders give one zxid to different entries.
ensemble 3 seed=17 tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000 forgets_promised_epoch leader=3
c1 at 3
c2 at 2
until connected c1
until connected c2
until settled
crash 1
crash 2
crash 3
start 1
start 3
until leader 3
until connected c1
cut 3>1
c1 create /x "of 3"
until durable 3 2|1
crash 1
crash 3
heal
start 1
start 2
until leader 2
until connected c2
c2 create /y "of 2"
until answered c2
start 3
until broken agreement
----
3: proposed 1|1 createSession 500 ms
3: logged 1|1
3: proposed 1|2 createSession 500 ms
3: logged 1|2
2: logged 1|1, acked
1: logged 1|1, acked
1: logged 1|2, acked
2: logged 1|2, acked
3: committed 1|1 by 2,3
3: committed 1|2 by 2,3
c1: session open
c2: session open
1: fell
2: fell
3: fell
1: started, LOOKING
3: started, LOOKING
c1: connection lost
c2: connection lost
1: elected (3, 1|2, 1) in round 1, FOLLOWING 3
3: elected (3, 1|2, 1) in round 1, LEADING
3: accepted epoch 2
1: accepted epoch 2
3: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
3: epoch 2 established, committed 1|2 by 1,3
3: serves
1: serves
c1: session open
3: proposed 2|1 create /x
3: logged 2|1
1: fell
3: fell
1: started, LOOKING
2: started, LOOKING
c1: connection lost
1: elected (2, 1|2, 1) in round 1, FOLLOWING 2
2: elected (2, 1|2, 1) in round 1, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established, committed 1|2 by 1,2
2: serves
1: serves
c2: session open
2: proposed 2|1 create /y
2: logged 2|1
1: logged 2|1, acked
2: committed 2|1 by 1,2
c2: create /y "of 2": /y
3: started, LOOKING
2: expired the session of c1, proposed 2|2 closeSession
2: logged 2|2
3: elected (2, 1|2, 2) in round 1, FOLLOWING 2
1: logged 2|2, acked
2: committed 2|2 by 1,2
2: plans DIFF 2|2 and 1 more for 3
3: current epoch 2
3: logged 2|2
3: serves
breaks: agreement: 3 delivered 2|1 as create /x, others as create /y
breaks: primary order: 2 proposed 2|1 in the epoch of 3
holds: total order, durability
