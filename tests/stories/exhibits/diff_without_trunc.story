# ZOOKEEPER-1154: a leader of old comes back with an entry that nobody else ever had, and gets a plain DIFF. What was never decided is served.
ensemble 3 seed=17 tick=100 init=20 sync=4 latency=25000..60000 disk=4000..12000 diff_without_trunc leader=3
c1 at 3
until connected c1
until settled
cut 3>1
cut 3>2
c1 create /a "never decided"
until durable 3 1|2
crash 3
heal
until leader 2
c2 at 2
c2 create /b "decided"
until answered c2
start 3
until broken agreement
----
3: proposed 1|1 createSession 500 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 2,3
c1: session open
3: proposed 1|2 create /a
3: logged 1|2
3: fell
c1: connection lost
2: serves no longer, LOOKING
1: serves no longer, LOOKING
1: elected (2, 1|1, 1) in round 2, FOLLOWING 2
2: elected (2, 1|1, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|1 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
2: proposed 2|1 createSession 500 ms
2: logged 2|1
1: logged 2|1, acked
2: committed 2|1 by 1,2
c2: session open
2: proposed 2|2 create /b
2: logged 2|2
1: logged 2|2, acked
2: committed 2|2 by 1,2
c2: create /b "decided": /b
3: started, LOOKING
3: elected (2, 1|1, 2) in round 2, FOLLOWING 2
2: expired the session of c1, proposed 2|3 closeSession
2: logged 2|3
1: logged 2|3, acked
2: committed 2|3 by 1,2
3: accepted epoch 2
2: plans DIFF 2|3 and 3 more for 3
3: current epoch 2
3: logged 2|1
3: current epoch 2
3: logged 2|2
3: logged 2|3
3: serves
breaks: agreement: 3 delivered 1|2 create /a where 2|1 createSession 500 ms was decided
holds: total order, primary order, durability
