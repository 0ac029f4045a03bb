# A standing rule holds every proposal to one follower at the edge of the network. The other follower is majority enough. Let go, the proposals arrive in order, and the follower has missed nothing.
ensemble 3 leader=3
hold PROPOSAL 3>1
c1 at 3
c1 create /a "x"
until reply c1 ok
c1 set /a "y"
until reply c1 ok
expect held PROPOSAL 3>1
expect not applied 1 1|1
release PROPOSAL 3>1
until settled
expect crashes = 0 and elections = 0
expect applied 1 1|3
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
2: logged 1|1, acked
3: committed 1|1 by 2,3
3: proposed 1|2 create /a
c1: session open
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 2,3
c1: create /a "x": /a
3: proposed 1|3 setData /a
3: logged 1|3
2: logged 1|3, acked
3: committed 1|3 by 2,3
c1: set /a "y": version 1
1: logged 1|1, acked
1: logged 1|2, logged 1|3, acked, acked
holds: agreement, total order, primary order, durability
