# A COMMIT that waits on its way holds up all that is sent behind it: TCP keeps the order.
ensemble 3 seed=3 leader=3
c1 at 3
c1 create /a "x"
until sent COMMIT 3>1 1|2
hold 3>1 quorum 8
c1 create /b "y"
until answered c1
expect decided 1|3
expect not applied 1 1|2
release 3>1 quorum 8
until settled
expect applied 1 1|3
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
3: proposed 1|3 create /b
c1: create /a "x": /a
2: logged 1|3, acked
3: logged 1|3
3: committed 1|3 by 2,3
c1: create /b "y": /b
1: logged 1|3, acked
holds: agreement, total order, primary order, durability
