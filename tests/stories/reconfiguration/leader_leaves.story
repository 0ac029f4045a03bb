# The leader is removed: it names who leads next, and nobody elects anybody.
ensemble 3 reconfig leader=3
c1 at 1
until connected c1
c1 reconfig remove 3
until role 3 FOLLOWING within 1s
expect answered c1
until settled
expect leader 2
c1 at 1
until connected c1
c1 create /after ""
until answered c1
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 reconfig, members 1|2 proposed: 1,2
2: members 1|2 proposed: 1,2
1: members 1|2 proposed: 1,2
3: logged 1|2
2: logged 1|2, acked
1: logged 1|2, acked
3: committed 1|2 by 1,2,3, members 1|2 in force: 1,2
1: members 1|2 in force: 1,2, serves no longer, FOLLOWING 2
2: members 1|2 in force: 1,2, serves no longer, LEADING
c1: reconfig remove 3: "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:participant\nversion=100000002" version -1
c1: connection lost
3: serves no longer, FOLLOWING 2
2: accepted epoch 2
3: accepted epoch 2
1: accepted epoch 2
2: current epoch 2, plans DIFF 1|2 and 0 more for 1, plans DIFF 1|2 and 0 more for 3
1: current epoch 2
3: current epoch 2
2: epoch 2 established
2: serves
1: serves
3: serves
c1: session open
2: proposed 2|1 create /after
2: logged 2|1
1: logged 2|1, acked
3: logged 2|1, acked
2: committed 2|1 by 1,2
c1: create /after "": /after
holds: agreement, total order, primary order, durability
