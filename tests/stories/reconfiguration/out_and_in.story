# Server 3 is removed and comes back; nobody elects anybody for it.
ensemble 3 reconfig leader=3
c1 at 1
until connected c1
c1 reconfig remove 2
until answered c1
c1 create /two ""
until answered c1
c1 reconfig add 2
until answered c1
c1 create /three ""
until answered c1
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
c1: session open
3: proposed 1|2 reconfig, members 1|2 proposed: 1,3
2: members 1|2 proposed: 1,3
1: members 1|2 proposed: 1,3
3: logged 1|2
2: logged 1|2, acked
1: logged 1|2, acked
3: committed 1|2 by 1,2,3, members 1|2 in force: 1,3
1: members 1|2 in force: 1,3
2: members 1|2 in force: 1,3
c1: reconfig remove 2: "server.1=zk1:2888:3888:participant\nserver.3=zk3:2888:3888:participant\nversion=100000002" version -1
3: proposed 1|3 create /two
3: logged 1|3
1: logged 1|3, acked
2: logged 1|3, acked
3: committed 1|3 by 1,3
c1: create /two "": /two
3: proposed 1|4 reconfig, members 1|4 proposed: 1,2,3
2: members 1|4 proposed: 1,2,3
1: members 1|4 proposed: 1,2,3
2: logged 1|4, acked
3: logged 1|4
1: logged 1|4, acked
3: committed 1|4 by 1,3, members 1|4 in force: 1,2,3
2: members 1|4 in force: 1,2,3
1: members 1|4 in force: 1,2,3
c1: reconfig add 2: "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:participant;0.0.0.0:2181\nserver.3=zk3:2888:3888:participant\nversion=100000004" version -1
3: proposed 1|5 create /three
3: logged 1|5
2: logged 1|5, acked
1: logged 1|5, acked
3: committed 1|5 by 2,3
c1: create /three "": /three
holds: agreement, total order, primary order, durability
