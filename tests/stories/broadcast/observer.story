# An observer is told what was decided; it never votes and is never waited for.
ensemble 3 +1 observers seed=13 leader=3
c1 at 4
until connected c1
c1 create /a "x"
until settled
crash 4
c1 disconnect
c2 at 1
until connected c2
c2 set /a "y"
until answered c2
start 4
until settled
expect role 4 OBSERVING
----
3: proposed 1|1 createSession 10000 ms
3: logged 1|1
1: logged 1|1, acked
2: logged 1|1, acked
3: committed 1|1 by 1,3
4: logged 1|1
c1: session open
3: proposed 1|2 create /a
1: logged 1|2, acked
3: logged 1|2
2: logged 1|2, acked
3: committed 1|2 by 1,3
4: logged 1|2
c1: create /a "x": /a
4: fell
c1: connection lost
3: proposed 1|3 createSession 10000 ms
2: logged 1|3, acked
3: logged 1|3
3: committed 1|3 by 2,3
1: logged 1|3, acked
c2: session open
3: proposed 1|4 setData /a
2: logged 1|4, acked
1: logged 1|4, acked
3: logged 1|4
3: committed 1|4 by 1,3
c2: set /a "y": version 1
4: started, LOOKING
4: elected (3, 0|0, 0) in round 1, OBSERVING 3
3: plans DIFF 1|4 and 2 more for 4
4: current epoch 1
4: logged 1|3
4: logged 1|4
4: serves
holds: agreement, total order, primary order, durability
