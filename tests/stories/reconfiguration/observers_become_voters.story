# Two observers get a vote each. They leave as observers and come back as followers.
ensemble 3 +2 observers reconfig leader=3
c1 at 1
until connected c1
c1 reconfig add 4,5
until role 4 FOLLOWING
until role 5 FOLLOWING
until settled
crash 1
crash 2
c2 at 4
until connected c2
c2 create /decided_by_three_of_five ""
until answered c2
----
3: proposed 1|1 createSession 10000 ms
2: logged 1|1, acked
3: logged 1|1
1: logged 1|1, acked
3: committed 1|1 by 2,3
5: logged 1|1
c1: session open
4: logged 1|1
3: proposed 1|2 reconfig, members 1|2 proposed: 1,2,3,4,5
1: members 1|2 proposed: 1,2,3,4,5
2: members 1|2 proposed: 1,2,3,4,5
3: logged 1|2
1: logged 1|2, acked
2: logged 1|2, acked
3: committed 1|2 by 1,2,3, members 1|2 in force: 1,2,3,4,5
1: members 1|2 in force: 1,2,3,4,5
5: members 1|2 proposed: 1,2,3,4,5, members 1|2 in force: 1,2,3,4,5, serves no longer, FOLLOWING 3
4: members 1|2 proposed: 1,2,3,4,5, members 1|2 in force: 1,2,3,4,5, serves no longer, FOLLOWING 3
2: members 1|2 in force: 1,2,3,4,5
c1: reconfig add 4,5: "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:participant\nserver.3=zk3:2888:3888:participant\nserver.4=zk4:2888:3888:participant;0.0.0.0:2181\nserver.5=zk5:2888:3888:participant;0.0.0.0:2181\nversion=100000002" version -1
5: logged 1|2
4: logged 1|2
3: plans DIFF 1|2 and 0 more for 4
3: plans DIFF 1|2 and 0 more for 5
4: current epoch 1
5: current epoch 1
5: serves
4: serves
1: fell
2: fell
c1: connection lost
3: proposed 1|3 createSession 10000 ms
3: logged 1|3
4: logged 1|3, acked
5: logged 1|3, acked
3: committed 1|3 by 3,4,5
c2: session open
3: proposed 1|4 create /decided_by_three_of_five
5: logged 1|4, acked
3: logged 1|4
4: logged 1|4, acked
3: committed 1|4 by 3,4,5
c2: create /decided_by_three_of_five "": /decided_by_three_of_five
holds: agreement, total order, primary order, durability
