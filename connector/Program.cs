Console.WriteLine("activity-connector");
