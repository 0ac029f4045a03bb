# Four voters become two. One of the two that stay dies before it hears of it, so the new members
# have no quorum: nothing is decided until it is back.
ensemble 4 reconfig leader=4
c1 at 4
until connected c1
cut 4-3
c1 reconfig remove 1,2
until logged 4 1|2
until durable 1 1|2
until durable 2 1|2
wait 1s
expect not answered c1
heal
until settled
until connected c1
c1 create /after ""
until answered c1
----
4: proposed 1|1 createSession 10000 ms
4: logged 1|1
3: logged 1|1, acked
1: logged 1|1, acked
4: committed 1|1 by 1,3,4
2: logged 1|1, acked
c1: session open
4: proposed 1|2 reconfig, members 1|2 proposed: 3,4
1: members 1|2 proposed: 3,4
4: logged 1|2
2: members 1|2 proposed: 3,4
1: logged 1|2, acked
2: logged 1|2, acked
3: serves no longer, LOOKING
3: elected (4, 0|0, 1) in round 1, FOLLOWING 4
4: plans DIFF 1|1 and 0 more for 3
3: members 1|2 proposed: 3,4
3: current epoch 1
3: logged 1|2
3: serves, acked
4: committed 1|2 by 1,2,3,4, members 1|2 in force: 3,4
2: members 1|2 in force: 3,4
3: members 1|2 in force: 3,4
1: members 1|2 in force: 3,4
c1: reconfig remove 1,2: "server.3=zk3:2888:3888:participant\nserver.4=zk4:2888:3888:participant\nversion=100000002" version -1
4: proposed 1|3 create /after
4: logged 1|3
1: logged 1|3, acked
2: logged 1|3, acked
3: logged 1|3, acked
4: committed 1|3 by 3,4
c1: create /after "": /after
holds: agreement, total order, primary order, durability
