# The newer epoch is more recent than any number of transactions of an older one.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "1"
until settled
partition 1,2 / 3
c1 set /a "only 3 has this"
c1 set /a "and this"
until durable 3 1|4
crash 3
until leader 2
c2 at 2
c2 set /a "decided by 1 and 2"
until answered c2
crash 1
crash 2
heal
start 3
start 1
until settled
expect leader 1
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
1: logged 1|1, acked
3: logged 1|1, committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
1: logged 1|2, acked
3: committed 1|2 by 1,3
2: logged 1|2, acked
c1: create /a "1": /a
3: proposed 1|3 setData /a
3: proposed 1|4 setData /a
3: logged 1|3
3: logged 1|4
3: fell
c1: connection lost
2: serves no longer, LOOKING
1: serves no longer, LOOKING
1: elected (2, 1|2, 1) in round 2, FOLLOWING 2
2: elected (2, 1|2, 1) in round 2, LEADING
2: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1
1: current epoch 2
2: epoch 2 established
2: serves
1: serves
2: proposed 2|1 createSession 10000 ms
2: logged 2|1
1: logged 2|1, acked
2: committed 2|1 by 1,2
2: proposed 2|2 setData /a
c2: session open
1: logged 2|2, acked
2: logged 2|2
2: committed 2|2 by 1,2
c2: set /a "decided by 1 and 2": version 1
1: fell
2: fell
3: started, LOOKING
1: started, LOOKING
c2: connection lost
3: elected (1, 2|2, 2) in round 1, FOLLOWING 1
1: elected (1, 2|2, 2) in round 1, LEADING
1: accepted epoch 3
3: accepted epoch 3
1: current epoch 3, plans SNAP 2|2 and 0 more for 3
3: installed the snapshot 0|0
3: current epoch 2
3: current epoch 3
3: logged 0|0
3: logged 1|1, logged 1|2, logged 2|1, logged 2|2
1: epoch 3 established, committed 2|2 by 1,3
1: serves
3: serves
holds: agreement, total order, primary order, durability
